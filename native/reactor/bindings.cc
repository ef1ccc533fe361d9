// Conversions between JavaScript and the driver.
#include "bindings.h"

// It has what the C library's own header lacks, which cannot be there as well.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "../base/error.h"

namespace reactor {

namespace {

int64_t nanosecondsOf(const Napi::Value& milliseconds) {
  return static_cast<int64_t>(milliseconds.ToNumber().DoubleValue() * 1'000'000.0);
}

}  // namespace

const driver::Kind& kindOf(const Napi::Value& name) {
  const std::string text = name.ToString().Utf8Value();
  if (const driver::Kind* kind = driver::find(text)) return *kind;
  std::string known;
  for (const driver::Kind& kind : driver::kinds())
    known += std::string(known.empty() ? "" : ", ") + kind.name;
  throw Napi::RangeError::New(name.Env(),
                              "There is no multiplexer \"" + text + "\"; choose one of " + known + ".");
}

driver::ListenOptions listenOptionsOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  driver::ListenOptions options;
  options.host = object.Get("host").ToString().Utf8Value();
  options.port = static_cast<uint16_t>(object.Get("port").ToNumber().Uint32Value());
  options.backlog = object.Get("backlog").ToNumber().Int32Value();
  options.reusePort = object.Get("reusePort").ToBoolean();
  options.path = object.Get("path").ToString().Utf8Value();
  options.fd = object.Get("fd").ToNumber().Int32Value();
  options.ipv6Only = object.Get("ipv6Only").ToBoolean();
  options.keepAliveSeconds = object.Get("keepAliveSeconds").ToNumber().Int32Value();
  options.adoptsOnly = object.Get("adoptsOnly").ToBoolean();
  options.idleTimeoutMs = object.Get("idleTimeoutMs").ToNumber().Uint32Value();
  return options;
}

driver::ConnectOptions connectOptionsOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  driver::ConnectOptions options;
  options.host = object.Get("host").ToString().Utf8Value();
  options.port = static_cast<uint16_t>(object.Get("port").ToNumber().Uint32Value());
  options.path = object.Get("path").ToString().Utf8Value();
  options.keepAliveSeconds = object.Get("keepAliveSeconds").ToNumber().Int32Value();
  options.localAddress = object.Get("localAddress").ToString().Utf8Value();
  options.connectTimeoutNs = nanosecondsOf(object.Get("connectTimeoutMs"));
  options.idleTimeoutMs = object.Get("idleTimeoutMs").ToNumber().Uint32Value();
  return options;
}

driver::DatagramOptions datagramOptionsOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  driver::DatagramOptions options;
  options.host = object.Get("host").ToString().Utf8Value();
  options.port = static_cast<uint16_t>(object.Get("port").ToNumber().Uint32Value());
  options.reusePort = object.Get("reusePort").ToBoolean();
  options.ipv6Only = object.Get("ipv6Only").ToBoolean();
  options.receiveBufferBytes = object.Get("receiveBufferBytes").ToNumber().Int32Value();
  options.sendBufferBytes = object.Get("sendBufferBytes").ToNumber().Int32Value();
  options.largestBytes = object.Get("largestBytes").ToNumber().Uint32Value();
  return options;
}

Napi::Object datagramCountsObject(Napi::Env env, const driver::DatagramCounts& counts) {
  auto object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) { object.Set(name, static_cast<double>(value)); };
  set("received", counts.received);
  set("sent", counts.sent);
  set("truncated", counts.truncated);
  set("unsent", counts.unsent);
  set("refused", counts.refused);
  set("lost", counts.lost);
  set("receiveCalls", counts.receiveCalls);
  set("sendCalls", counts.sendCalls);
  return object;
}

Napi::Object countersObject(Napi::Env env, const driver::Counters& own, const multiplexer::Counters& waiting,
                            uint64_t timeInWaitNs, uint64_t crossings) {
  auto object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) { object.Set(name, static_cast<double>(value)); };
  set("waits", waiting.waits);
  set("events", waiting.events);
  set("emptyWakes", waiting.emptyWakes);
  set("controls", waiting.controls);
  set("rearms", waiting.rearms);
  set("cqOverflows", waiting.overflows);
  set("accepts", own.accepts);
  set("rejected", own.rejected);
  set("reads", own.reads);
  set("writes", own.writes);
  set("shortWrites", own.shortWrites);
  set("eagains", own.eagains);
  set("staleDrops", own.staleDrops);
  set("bufferExhaustion", own.bufferExhaustion);
  set("crossings", crossings);
  set("timeInWaitNs", timeInWaitNs);
  return object;
}

Napi::Value tcpInfoOf(Napi::Env env, int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return env.Null();
  auto object = Napi::Object::New(env);
  const auto set = [&](const char* name, double value) { object.Set(name, value); };
  set("rttUs", info.tcpi_rtt);
  set("rttVarUs", info.tcpi_rttvar);
  set("retransmissionTimeoutUs", info.tcpi_rto);
  set("retransmits", info.tcpi_total_retrans);
  set("lostSegments", info.tcpi_lost);
  set("unacknowledgedSegments", info.tcpi_unacked);
  set("congestionWindowSegments", info.tcpi_snd_cwnd);
  set("sendSegmentBytes", info.tcpi_snd_mss);
  set("receiveSegmentBytes", info.tcpi_rcv_mss);
  set("pathMtuBytes", info.tcpi_pmtu);
  set("acknowledgedBytes", static_cast<double>(info.tcpi_bytes_acked));
  set("notSentBytes", info.tcpi_notsent_bytes);
  return object;
}

Napi::Error errorOf(Napi::Env env, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Napi::Error& error) {
    return error;
  } catch (const base::SystemError& system) {
    auto error = Napi::Error::New(env, system.what());
    error.Set("call", system.call());
    error.Set("errno", static_cast<double>(system.number()));
    return error;
  } catch (const std::exception& other) {
    return Napi::Error::New(env, other.what());
  }
}

void rethrowTo(Napi::Env env) { throw errorOf(env, std::current_exception()); }

}  // namespace reactor
