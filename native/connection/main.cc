// connection life [PORT CONNECTIONS BYTES] | failures | udp BUFFER DATAGRAMS BYTES
//
// What happens to a connection, for `readymark connect`. Prints JSON. Ends with 1 and a sentence when a
// system call fails, and with 2 when it does not understand its arguments.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "failures.h"
#include "life.h"
#include "udp.h"

int main(int count, char** arguments) {
  const auto number = [&](int place, int otherwise) {
    return place < count ? std::atoi(arguments[place]) : otherwise;
  };
  const std::string what = count > 1 ? arguments[1] : "";
  try {
    std::string json;
    if (what == "life") {
      json = connection::lives({static_cast<uint16_t>(number(2, 0)), number(3, 1), number(4, 64)});
    } else if (what == "failures") {
      json = connection::failures();
    } else if (what == "udp") {
      json = connection::burst({number(2, 212'992), number(3, 1000), number(4, 64)});
    } else {
      std::fprintf(
          stderr,
          "usage: connection life [PORT CONNECTIONS BYTES] | failures | udp [BUFFER DATAGRAMS BYTES]\n");
      return 2;
    }
    std::printf("%s\n", json.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "connection: %s\n", error.what());
    return 1;
  }
}
