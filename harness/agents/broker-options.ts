/** Where NATS is, and how it knows who asks; credentials and TLS are NATS's own. */
export interface BrokerOptions {
  /** `nats://host:4222`, or `tls://`; several are joined by commas. */
  url: string;
  /** A credentials file of NATS. */
  credentials?: string | null;
  tls?: { ca: string | null; certificate: string | null; key: string | null } | null;
}

/** The address without a user's name or password, which are in no report. */
export function publicUrl({ url }: BrokerOptions): string {
  return url
    .split(",")
    .map((one) => one.replace(/^((?:nats|tls):\/\/)?[^@/]*@/, "$1"))
    .join(",");
}
