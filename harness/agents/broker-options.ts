/** Where NATS is, and how it knows who asks; credentials and TLS are NATS's own. */
import { Failure } from "../failure.ts";

export interface BrokerOptions {
  /** `nats://host:4222`, or `tls://`, with an optional `user:password@` or `token@`; several are joined by commas. */
  url: string;
  /** A credentials file of NATS. */
  credentials?: string | null;
  tls?: { ca: string | null; certificate: string | null; key: string | null } | null;
}

interface BrokerAddress {
  /** Without user and password. */
  address: string;
  isEncrypted: boolean;
  /** `user:password`, or a token; null without. */
  identity: string | null;
}

/** Throws a Failure, which repeats nothing of the address, because it may hold a password. */
export function brokerAddresses({ url }: BrokerOptions): BrokerAddress[] {
  return url.split(",").map((one) => {
    const [, scheme, identity, host] =
      /^(?:(nats|tls):\/\/)?(?:([^\s/]*)@)?([\w.-]+(?::\d+)?)$/.exec(one.trim()) ?? [];
    if (host === undefined)
      throw new Failure(
        2,
        "--nats takes nats://HOST:4222 or tls://HOST:4222, with user:password@ before HOST where NATS wants it, and each of / , @ in a password as %2F, %2C, %40.",
      );
    return {
      address: scheme === undefined ? host : `${scheme}://${host}`,
      isEncrypted: scheme === "tls",
      identity: identity ?? null,
    };
  });
}

/** The address without a user's name or password, which are in no report. */
export function publicUrl(options: BrokerOptions): string {
  return brokerAddresses(options)
    .map(({ address }) => address)
    .join(",");
}

/** An argument of a command line as others may see it. */
export function withoutIdentity(argument: string): string {
  return argument
    .replaceAll(/(^--?[\w-]+=|^|,\s*)(\w+:\/\/)?[^\s,]*@/g, "$1$2")
    .replaceAll(/(\w+:\/\/)[^\s/]*@/g, "$1");
}
