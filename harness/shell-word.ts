/** Quotes a word for a POSIX shell where it must be, since names from files of other people could hold anything. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
