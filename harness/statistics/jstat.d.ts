/** What is used of jStat, which has no types of its own. */
declare module "jstat" {
  interface Distribution<Parameters extends number[]> {
    /** The probability of at most `x`. */
    cdf(x: number, ...parameters: Parameters): number;
    /** The quantile of the probability `p`. */
    inv(p: number, ...parameters: Parameters): number;
  }
  const jStat: {
    normal: Distribution<[mean: number, deviation: number]>;
    studentt: Distribution<[freedom: number]>;
    beta: Distribution<[alpha: number, beta: number]>;
  };
  export default jStat;
}
