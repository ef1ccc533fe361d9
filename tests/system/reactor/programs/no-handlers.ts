/** Exports nothing that `listenSharded` could use. */
export const handlers = {};
