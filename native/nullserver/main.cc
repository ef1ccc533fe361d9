// nullserver serve --host ADDRESS --protocol tcp|http|ws --payload BYTES --delays SHARE:NS,... --seed N
// --records FILE
//                  --websocket-key KEY --websocket-accept ANSWER
// nullserver reference --port PORT --payload BYTES --connections N --wait spin|block --duration NS
//
// `serve` prints {"port":N,"pid":N}, serves until SIGTERM, then writes what it recorded to FILE as JSON:
// {"messages":[[arrived,ordered,sent],...],"gaps":[[from,to],...]}, in nanoseconds of CLOCK_MONOTONIC.
// `reference` prints {"roundTrips":[[sent,answered],...]}. Both exit with 1 and a sentence on stderr when
// they fail.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>

#include "reference.h"
#include "server.h"

namespace {

volatile sig_atomic_t stopping = 0;

/// The options of one command line, each of which must be asked for.
class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
  }
  std::string text(const char* name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::invalid_argument(std::string(name) + " is missing");
    return found->second;
  }
  long number(const char* name) const {
    const std::string value = text(name);
    char* end = nullptr;
    const long result = std::strtol(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0' || result < 0)
      throw std::invalid_argument(std::string(name) + " takes a whole number, not '" + value + "'");
    return result;
  }

 private:
  std::map<std::string, std::string> values_;
};

void writeRecords(const nullserver::Server& server, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) throw std::runtime_error("the records cannot be written to " + path);
  const char* separator = "";
  std::fputs("{\"messages\":[", file);
  for (const nullserver::Record& one : server.records()) {
    std::fprintf(file, "%s[%ld,%ld,%ld]", separator, one.arrivedNs, one.orderedNs, one.sentNs);
    separator = ",\n";
  }
  std::fputs("],\"gaps\":[", file);
  separator = "";
  for (const nullserver::Gap& gap : server.gaps()) {
    std::fprintf(file, "%s[%ld,%ld]", separator, gap.fromNs, gap.toNs);
    separator = ",\n";
  }
  std::fputs("]}\n", file);
  if (std::fclose(file) != 0) throw std::runtime_error("the records cannot be written to " + path);
}

void serve(const Arguments& arguments) {
  nullserver::Server server({.host = arguments.text("--host"),
                             .codec = {.protocol = arguments.text("--protocol"),
                                       .payloadBytes = static_cast<size_t>(arguments.number("--payload")),
                                       .handshake = {.key = arguments.text("--websocket-key"),
                                                     .accept = arguments.text("--websocket-accept")}},
                             .delays = arguments.text("--delays"),
                             .seed = static_cast<uint64_t>(arguments.number("--seed"))});
  const std::string path = arguments.text("--records");
  struct sigaction action{};
  action.sa_handler = [](int) { stopping = 1; };
  sigaction(SIGTERM, &action, nullptr);
  std::printf("{\"port\":%d,\"pid\":%d}\n", server.port(), getpid());
  std::fflush(stdout);
  server.run(stopping);
  writeRecords(server, path);
}

void reference(const Arguments& arguments) {
  const std::string wait = arguments.text("--wait");
  if (wait != "spin" && wait != "block") throw std::invalid_argument("--wait takes spin or block");
  const nullserver::ReferenceResult result =
      nullserver::runReference({.port = static_cast<uint16_t>(arguments.number("--port")),
                                .payloadBytes = static_cast<size_t>(arguments.number("--payload")),
                                .connections = static_cast<int>(arguments.number("--connections")),
                                .spin = wait == "spin",
                                .durationNs = arguments.number("--duration")});
  const char* separator = "";
  std::fputs("{\"roundTrips\":[", stdout);
  for (const nullserver::RoundTrip& one : result.roundTrips) {
    std::printf("%s[%ld,%ld]", separator, one.sentNs, one.answeredNs);
    separator = ",\n";
  }
  std::fputs("]}\n", stdout);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string mode = argc > 1 ? argv[1] : "";
    const Arguments arguments(argc, argv);
    if (mode == "serve")
      serve(arguments);
    else if (mode == "reference")
      reference(arguments);
    else
      throw std::invalid_argument("the first argument is serve or reference");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nullserver: %s\n", error.what());
    return 1;
  }
}
