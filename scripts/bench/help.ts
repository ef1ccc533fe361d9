import { BROKER_HELP } from "../broker-options.ts";

export const HELP = `usage: npm run bench -- [options]

Measures echo servers and writes results/runs/<id>/{run.json,report.md,report.html,summary.csv}.
Without options it measures every default server in about 6 minutes; --quick in about one.

what to measure
  --frameworks a,b/variant   servers; "a/*" is every variant of a (default: those marked in --list)
  --scenarios echo,accept    workloads (default: echo, latency and accept; --quick: echo; idle and stream only when named)
  --protocols tcp,http,ws    protocols (default: all a server has but udp, accept over tcp,http,
                             latency over http; --quick: echo over tcp,http; --full: everything)
  --command 'node server.js' any command that listens on the port in its environment variable PORT; may be repeated
  --address 127.0.0.1:3000   a server that is running already on this machine
  --engine wrk               have another load generator measure echoes over http as well, so that this one can be checked:
                             wrk or autocannon; may be repeated
  --node PATH                run the servers of this project on another Node.js binary (22.15 or later)
  --list                     show every framework, variant, protocol and scenario, and why one cannot run

load
  --connections 64           connections; a list makes one cell each
  --payload 64               bytes per message, or 16k, 1m; a list makes one cell each
  --pipeline 1               requests in flight per connection (echo)
  --rates 10000              offered requests per second (latency), a list, or a ramp of eight steps with the time
                             that all take in one generation: 1000:50000/30s
  --slo 'p99<1ms'            find the highest rate that keeps within this latency, instead of --rates (latency);
                             p50, p90, p99, p99.9, max; ns, us, ms, s; several joined by commas; about 6 s a sample
  --idle 0,1000,10000        idle connections beside the active ones (idle)
  --server-processes 6       processes of each server on one port (default: as many as the idle connections need)
  --shards 2                 worker threads of sharded servers

from other machines (each runs: readymark agent --nats nats://HOST:4222)
  --agents 4                 how many of them load the servers together
${BROKER_HELP}  --host 10.0.0.1            the address of this machine that servers listen on (default: 127.0.0.1)

how long and where
  --quick | --full           tcp and http, less of everything | more of everything, and more settings
  --generations 4            fresh processes of every server, each of which is one sample
  --duration 480ms           measured time of each cell in each generation, in slices of 60 ms (--quick: 600ms,
                             --full: 1.2s)
  --warmup 3s --warmup-limit 10s   load before that, at least, and at most until the cost falls no more
  --isolated                 one server at a time, instead of all alive together and loaded in turn
  --baseline node-net        the server that paired ratios go to
  --timeout 5s               how long an answer may take
  --trace closed             which cells get a pass that counts system calls: none (--quick), closed (loops) or all
  --seed N                   repeats the order and the arrivals of an earlier run
  --server-cpus 0 --client-cpus 1
  --port 3000                a fixed port for the server (default: a free one)
  --out DIR                  folder of runs (default: results/runs)
  --resume RUN               go on with an interrupted run (an id or a path)
  --json                     one JSON document on stdout and nothing else

exit codes: 0 all cells ok, 1 a cell failed or is invalid, 2 wrong usage, 4 this machine cannot measure
`;
