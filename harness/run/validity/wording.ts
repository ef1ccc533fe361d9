/** How checks write their numbers. */

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
