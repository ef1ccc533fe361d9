/** The flags of every command that works with agents, and what they say. */
import type { BrokerOptions } from "../harness/agents/broker-options.ts";
import { Failure } from "../harness/failure.ts";

const text = { type: "string" } as const;

export const BROKER_OPTIONS = {
  nats: text,
  "nats-creds": text,
  "nats-ca": text,
  "nats-cert": text,
  "nats-key": text,
} as const;

export const BROKER_HELP = `  --nats nats://HOST:4222    the NATS server, with JetStream (nats-server -js), at which they meet; user:password@ before
                             HOST where it wants them
  --nats-creds FILE          a credentials file of NATS
  --nats-ca FILE             whom to trust over TLS, and with --nats-cert FILE --nats-key FILE who we are
`;

type Values = { [Name in keyof typeof BROKER_OPTIONS]?: string | undefined };

/** Null without --nats; throws a Failure for credentials without it. */
export function brokerOf(values: Values): BrokerOptions | null {
  const {
    nats,
    "nats-creds": credentials,
    "nats-ca": ca,
    "nats-cert": certificate,
    "nats-key": key,
  } = values;
  const isEncrypted = [ca, certificate, key].some((one) => one !== undefined);
  if (nats === undefined) {
    if (credentials === undefined && !isEncrypted) return null;
    throw new Failure(2, "Credentials and certificates are for a NATS server; name it with --nats.");
  }
  if ((certificate === undefined) !== (key === undefined))
    throw new Failure(2, "--nats-cert and --nats-key belong together.");
  return {
    url: nats,
    credentials: credentials ?? null,
    tls: isEncrypted ? { ca: ca ?? null, certificate: certificate ?? null, key: key ?? null } : null,
  };
}
