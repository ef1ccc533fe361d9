/** The connection to NATS that a controller and its agents have in common, and the stream that keeps results. */
import { readFileSync } from "node:fs";
import { jetstreamManager, RetentionPolicy, StorageType, type JetStreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { Failure } from "../failure.ts";
import { brokerAddresses, publicUrl, type BrokerOptions } from "./broker-options.ts";
import { RESULTS_SUBJECTS, STREAM } from "./messages.ts";

const CONNECT_MS = 5000;
const RECONNECT_MS = 250;
/** A broker that answers none of so many is gone, though its machine sends no FIN. */
const PING_MS = 2000;
const MOST_PINGS = 2;
/** Results that nobody asked for any more are forgotten after so long. */
const KEPT_NS = 24 * 3600e9;

/** Connects, and connects again for ever whenever the broker is gone. Rejects with a Failure when it is not there now. */
export async function connectBroker(options: BrokerOptions, name: string): Promise<NatsConnection> {
  try {
    return await connect({
      ...{ name, servers: brokerAddresses(options).map(({ address }) => address), timeout: CONNECT_MS },
      ...{ maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT_MS },
      ...{ pingInterval: PING_MS, maxPingOut: MOST_PINGS },
      ...authentication(options),
      ...encryption(options),
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      4,
      `No connection to NATS at ${publicUrl(options)}: ${reason}. Start one there with: nats-server -js`,
    );
  }
}

function authentication(options: BrokerOptions) {
  const { credentials = null } = options;
  if (credentials !== null) return { authenticator: credsAuthenticator(fileAt(credentials)) };
  const identity = brokerAddresses(options).find((one) => one.identity !== null)?.identity ?? null;
  if (identity === null) return {};
  const [, user = identity, pass] = /^([^:]*):(.*)$/.exec(identity) ?? [];
  return pass === undefined
    ? { token: decodeURIComponent(user) }
    : { user: decodeURIComponent(user), pass: decodeURIComponent(pass) };
}

function encryption(options: BrokerOptions) {
  const { tls = null } = options;
  if (tls === null) return brokerAddresses(options).some(({ isEncrypted }) => isEncrypted) ? { tls: {} } : {};
  const { ca, certificate, key } = tls;
  return {
    tls: {
      ...(ca === null ? {} : { caFile: readable(ca) }),
      ...(certificate === null ? {} : { certFile: readable(certificate) }),
      ...(key === null ? {} : { keyFile: readable(key) }),
    },
  };
}

function readable(path: string): string {
  fileAt(path);
  return path;
}

function fileAt(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(2, `${path} cannot be read: ${(error as Error).message}.`);
  }
}

/** The stream of results, made when it is not there. Rejects with a Failure when the broker keeps none. */
export async function openStream(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      ...{ name: STREAM, subjects: [RESULTS_SUBJECTS] },
      ...{ storage: StorageType.File, retention: RetentionPolicy.Limits, max_age: KEPT_NS },
    });
    return manager;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      4,
      `NATS at ${connection.getServer()} does not keep results: ${reason}. Start it with JetStream: nats-server -js`,
    );
  }
}
