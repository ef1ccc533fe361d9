/** Limits how long something may take, so that a child process that hangs becomes an error that says so. */

/** Resolves as `work` does, or rejects with a sentence that begins with `what` when it takes longer than `seconds`. */
export async function withinSeconds<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
