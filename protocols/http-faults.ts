/** The ways a request is refused before any handler sees it, and how large a request may be. */

/** Why a request is refused: the status, a sentence for the response body, and extra response header lines. */
export interface Fault {
  status: 400 | 413 | 414 | 417 | 426 | 431 | 501 | 505;
  sentence: string;
  /** Whole lines, each ended by CR LF. */
  lines?: string;
}

export interface HttpLimits {
  /** The request line and all header lines, with the empty line; more is refused with 431. */
  headBytes: number;
  /** The request target; more is refused with 414. */
  targetBytes: number;
  /** Header lines, and separately trailer lines; more is refused with 431. */
  fieldCount: number;
  /** The body without its chunk framing; more is refused with 413. */
  bodyBytes: number;
  /** All chunk extensions of one body together (more is refused with 413), and all trailer lines (with 431). */
  chunkOverheadBytes: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headBytes: 16 * 1024,
  targetBytes: 8 * 1024,
  fieldCount: 100,
  bodyBytes: 16 * 1024 * 1024,
  chunkOverheadBytes: 16 * 1024,
};

export const BAD_REQUEST_LINE: Fault = {
  status: 400,
  sentence: "The request line is not METHOD SP TARGET SP HTTP/x.y followed by CR LF.",
};
export const BAD_TARGET: Fault = {
  status: 400,
  sentence: "The request target fits none of the forms that its method allows.",
};
export const TARGET_TOO_LONG: Fault = {
  status: 414,
  sentence: "The request target is longer than this server takes.",
};
export const UNSUPPORTED_VERSION: Fault = {
  status: 505,
  sentence: "This server speaks HTTP/1.0 and HTTP/1.1 only.",
};
export const BAD_FIELD: Fault = {
  status: 400,
  sentence:
    "A header line is not NAME: VALUE followed by CR LF, or it is folded or has a control character in it.",
};
export const HEAD_TOO_LARGE: Fault = {
  status: 431,
  sentence: "The header fields are larger than this server takes.",
};
export const BAD_HOST: Fault = {
  status: 400,
  sentence: "The request does not have exactly one valid Host field.",
};
export const BAD_CONTENT_LENGTH: Fault = {
  status: 400,
  sentence: "The Content-Length is not one decimal number.",
};
export const AMBIGUOUS_LENGTH: Fault = {
  status: 400,
  sentence: "The request has both a Content-Length and a Transfer-Encoding.",
};
export const BAD_TRANSFER_ENCODING: Fault = {
  status: 400,
  sentence: "The Transfer-Encoding is empty, repeats chunked, or stands in an HTTP/1.0 request.",
};
export const UNKNOWN_TRANSFER_ENCODING: Fault = {
  status: 501,
  sentence: "This server knows no Transfer-Encoding but chunked.",
};
export const UNKNOWN_EXPECTATION: Fault = {
  status: 417,
  sentence: "This server meets no expectation but 100-continue.",
};
export const BODY_TOO_LARGE: Fault = { status: 413, sentence: "The body is larger than this server takes." };
export const BAD_CHUNK: Fault = { status: 400, sentence: "The chunked body is malformed." };
export const EXTENSIONS_TOO_LARGE: Fault = {
  status: 413,
  sentence: "The chunk extensions are larger than this server takes.",
};
export const BAD_TRAILER: Fault = {
  status: 400,
  sentence: "A trailer line is not NAME: VALUE followed by CR LF, or it has a control character in it.",
};
export const TRAILERS_TOO_LARGE: Fault = {
  status: 431,
  sentence: "The trailer fields are larger than this server takes.",
};
