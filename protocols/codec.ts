/**
 * The interface between a transport and a wire codec. A codec turns received bytes into bytes to send and owns no
 * socket, so that the same codec runs over Node's `net`, worker shards and the reactor.
 */

/** Where a codec puts the bytes it wants sent. The transport may collect the writes of one `Codec.data` call. */
export interface Output {
  /** Whether a buffer of the codec's own may be written to again as soon as `write` has returned. */
  readonly takesAtOnce: boolean;
  /**
   * Queues bytes, which must stay unchanged until the transport has sent them. They are one of two kinds: a buffer
   * that the codec will never write to again (but for `takesAtOnce`), or a view of the chunk that is being delivered right now. A transport
   * that recycles its receive memory must therefore send or copy the second kind before it returns from `data`.
   */
  write(bytes: Uint8Array): void;
  /** Closes in good order once everything written has been sent. A codec calls it at most once, and writes nothing after it. */
  end(): void;
}

/** The server's side of one connection. */
export interface Codec {
  /**
   * Whether nothing of what it received lies in it, so that it is as good as new, and another connection of the same output may
   * have it: idle connections then need none.
   */
  readonly isFresh: boolean;
  /** Takes received bytes, which are valid only during the call: a codec copies whatever it keeps. */
  data(chunk: Uint8Array): void;
  /** The peer will send no more (half-close). */
  end(): void;
}
