// The load generator's bindings to JavaScript: the job in, the result out, and the shared counters.
// harness/children/generator holds the types; a run blocks a thread of libuv's pool and leaves JavaScript's
// thread idle.
#include "addon.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../base/descriptor.h"
#include "cpu_clocks.h"
#include "engine.h"
#include "schedule.h"

namespace loadgen {

namespace {

constexpr size_t kPageBytes = sizeof(LivePage);

double numberOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber())
    throw Napi::TypeError::New(object.Env(), std::string("The job needs a number named ") + name + ".");
  return value.As<Napi::Number>().DoubleValue();
}

std::string textOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString())
    throw Napi::TypeError::New(object.Env(), std::string("The job needs a string named ") + name + ".");
  return value.As<Napi::String>().Utf8Value();
}

std::vector<int> integersOf(const Napi::Value& value, const char* name) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be an array.");
  const auto array = value.As<Napi::Array>();
  std::vector<int> result;
  for (uint32_t i = 0; i < array.Length(); ++i) result.push_back(array.Get(i).ToNumber().Int32Value());
  return result;
}

template <class Value>
Value choiceOf(const Napi::Object& object, const char* name,
               std::initializer_list<std::pair<const char*, Value>> choices) {
  const std::string text = textOf(object, name);
  for (const auto& [label, value] : choices)
    if (text == label) return value;
  throw Napi::TypeError::New(object.Env(),
                             "The job's " + std::string(name) + " is not known: '" + text + "'.");
}

Job jobOf(const Napi::Object& object) {
  Job job;
  job.loop = choiceOf<Loop>(object, "loop",
                            {{"closed", Loop::Closed}, {"open", Loop::Open}, {"churn", Loop::Churn}});
  job.arrivals = choiceOf<Arrivals>(object, "arrivals",
                                    {{"constant", Arrivals::Constant}, {"poisson", Arrivals::Poisson}});
  job.closeMode =
      choiceOf<CloseMode>(object, "closeMode", {{"fin", CloseMode::Fin}, {"rst", CloseMode::Rst}});
  job.protocol = textOf(object, "protocol");
  job.host = textOf(object, "host");
  job.port = static_cast<uint16_t>(numberOf(object, "port"));
  job.path = textOf(object, "path");
  job.websocketKey = textOf(object, "websocketKey");
  job.websocketAccept = textOf(object, "websocketAccept");
  job.connections = static_cast<int>(numberOf(object, "connections"));
  job.payloadBytes = static_cast<size_t>(numberOf(object, "payloadBytes"));
  job.pipeline = static_cast<int>(numberOf(object, "pipeline"));
  job.ratePerSecond = numberOf(object, "ratePerSecond");
  job.seed = static_cast<uint64_t>(numberOf(object, "seed"));
  job.warmupNs = static_cast<int64_t>(numberOf(object, "warmupSeconds") * 1e9);
  job.durationNs = static_cast<int64_t>(numberOf(object, "durationSeconds") * 1e9);
  job.timeoutNs = static_cast<int64_t>(numberOf(object, "timeoutSeconds") * 1e9);
  job.threads = static_cast<int>(numberOf(object, "threads"));
  job.firstThread = static_cast<int>(numberOf(object, "firstThread"));
  job.allThreads = static_cast<int>(numberOf(object, "allThreads"));
  job.cpus = integersOf(object.Get("cpus"), "cpus");
  job.spin = object.Get("spin").ToBoolean();
  for (const int pid : integersOf(object.Get("serverPids"), "serverPids")) job.serverPids.push_back(pid);
  return job;
}

template <class Number>
Napi::Float64Array doublesOf(Napi::Env env, const std::vector<Number>& values) {
  auto array = Napi::Float64Array::New(env, values.size());
  std::transform(values.begin(), values.end(), array.Data(),
                 [](Number value) { return static_cast<double>(value); });
  return array;
}

// How a field of the result looks to JavaScript: one for each type in `eachField` of Tally and Result.
Napi::Value valueOf(Napi::Env env, double value) { return Napi::Number::New(env, value); }
Napi::Value valueOf(Napi::Env env, uint64_t value) { return valueOf(env, static_cast<double>(value)); }
Napi::Value valueOf(Napi::Env env, int64_t value) { return valueOf(env, static_cast<double>(value)); }

Napi::Value valueOf(Napi::Env env, const std::optional<int64_t>& value) {
  return value ? valueOf(env, *value) : env.Null();
}

template <class Number>
Napi::Value valueOf(Napi::Env env, const std::vector<Number>& values) {
  return doublesOf(env, values);
}

Napi::Value valueOf(Napi::Env env, const std::array<uint64_t, kErrorNames.size()>& errors) {
  auto object = Napi::Object::New(env);
  for (size_t i = 0; i < kErrorNames.size(); ++i) object.Set(kErrorNames[i], valueOf(env, errors[i]));
  return object;
}

Napi::Value valueOf(Napi::Env env, const Histogram& histogram) {
  auto object = Napi::Object::New(env);
  object.Set("count", valueOf(env, histogram.count()));
  object.Set("sumNs", valueOf(env, histogram.sum()));
  object.Set("minNs", valueOf(env, histogram.min()));
  object.Set("maxNs", valueOf(env, histogram.max()));
  object.Set("pairs", doublesOf(env, histogram.pairs()));
  return object;
}

Napi::Value valueOf(Napi::Env env, const std::map<std::string, Histogram>& histograms) {
  auto object = Napi::Object::New(env);
  for (const auto& [name, histogram] : histograms) object.Set(name, valueOf(env, histogram));
  return object;
}

Napi::Value resultObject(Napi::Env env, Result& result) {
  const Tally& tally = result.tally;
  auto object = Napi::Object::New(env);
  Tally::eachField([&](const char* name, auto field) { object.Set(name, valueOf(env, tally.*field)); });
  Result::eachField([&](const char* name, auto field) { object.Set(name, valueOf(env, result.*field)); });
  object.Set("firstError", tally.firstError.empty() ? env.Null() : Napi::String::New(env, tally.firstError));
  object.Set("seriesStepNs", valueOf(env, kSeriesStepNs));
  return object;
}

/// Work of the load generator in the background, which resolves a promise.
template <class Value>
class BackgroundWork final : public Napi::AsyncWorker {
 public:
  BackgroundWork(Napi::Env env, std::function<Value()> work,
                 std::function<Napi::Value(Napi::Env, Value&)> show)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        show_(std::move(show)) {}

  static Napi::Promise start(Napi::Env env, std::function<Value()> work,
                             std::function<Napi::Value(Napi::Env, Value&)> show) {
    auto* worker = new BackgroundWork(env, std::move(work), std::move(show));
    const Napi::Promise promise = worker->deferred_.Promise();
    worker->Queue();
    return promise;
  }

 protected:
  void Execute() override { value_.emplace(work_()); }
  void OnOK() override { deferred_.Resolve(show_(Env(), *value_)); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::function<Value()> work_;
  std::function<Napi::Value(Napi::Env, Value&)> show_;
  std::optional<Value> value_;
};

/// The counters' page, kept alive for as long as the generator writes to it.
class Page {
 public:
  explicit Page(const Napi::Value& value) : buffer_(Napi::Persistent(bufferOf(value))) {}
  LivePage& live() { return *static_cast<LivePage*>(buffer_.Value().Data()); }

 private:
  static Napi::ArrayBuffer bufferOf(const Napi::Value& value) {
    if (!value.IsArrayBuffer())
      throw Napi::TypeError::New(value.Env(), "the load generator needs the page that createCounters made.");
    return value.As<Napi::ArrayBuffer>();
  }
  Napi::Reference<Napi::ArrayBuffer> buffer_;
};

/// A session as an object of JavaScript. One call at a time; the last one is `close`.
class SessionObject final : public Napi::ObjectWrap<SessionObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Session",
        {InstanceMethod<&SessionObject::open>("open"), InstanceMethod<&SessionObject::run>("run"),
         InstanceMethod<&SessionObject::close>("close")});
  }

  explicit SessionObject(const Napi::CallbackInfo& info)
      : ObjectWrap(info), page_(std::make_shared<Page>(info[1])) {
    const Job job = jobOf(info[0].As<Napi::Object>());
    session_ = std::make_shared<Session>(job, page_->live());
  }

 private:
  Napi::Value open(const Napi::CallbackInfo& info) {
    return start<int>(
        info,
        [](Session& session) {
          session.open();
          return 0;
        },
        [](Napi::Env env, int&) { return env.Undefined(); });
  }

  Napi::Value run(const Napi::CallbackInfo& info) {
    const auto options = info[0].As<Napi::Object>();
    Slice slice;
    slice.startNs = static_cast<int64_t>(numberOf(options, "startNs"));
    slice.discardNs = static_cast<int64_t>(numberOf(options, "discardSeconds") * 1e9);
    slice.durationNs = static_cast<int64_t>(numberOf(options, "durationSeconds") * 1e9);
    slice.seed = static_cast<uint64_t>(numberOf(options, "seed"));
    slice.stallNs = static_cast<int64_t>(numberOf(options, "stallSeconds") * 1e9);
    for (const int pid : integersOf(options.Get("neighbourPids"), "neighbourPids"))
      slice.neighbourPids.push_back(pid);
    return start<Result>(info, [slice](Session& session) { return session.run(slice); }, resultObject);
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    auto session = std::exchange(session_, nullptr);
    return BackgroundWork<int>::start(
        info.Env(),
        [session = std::move(session)]() mutable {
          session.reset();
          return 0;
        },
        [](Napi::Env env, int&) { return env.Undefined(); });
  }

  /// The work holds the session, so that it outlives an object that is collected meanwhile.
  template <class Value>
  Napi::Value start(const Napi::CallbackInfo& info, std::function<Value(Session&)> work,
                    std::function<Napi::Value(Napi::Env, Value&)> show) {
    if (!session_) throw Napi::Error::New(info.Env(), "the session is closed; open another one.");
    return BackgroundWork<Value>::start(
        info.Env(), [session = session_, work = std::move(work)] { return work(*session); },
        // The page is held, and let go on JavaScript's thread, by what shows the result there.
        [page = page_, show = std::move(show)](Napi::Env env, Value& value) { return show(env, value); });
  }

  std::shared_ptr<Page> page_;
  std::shared_ptr<Session> session_;
};

Napi::Error systemError(Napi::Env env, const std::string& doing) {
  return Napi::Error::New(
      env, doing + " failed: " + strerrorname_np(errno) + " (" + strerrordesc_np(errno) + ").");
}

/// Maps one page of the file and closes it with the mapping.
Napi::ArrayBuffer mapPage(Napi::Env env, base::Descriptor file, int protection) {
  void* page = mmap(nullptr, kPageBytes, protection, MAP_SHARED, file.fd(), 0);
  if (page == MAP_FAILED) throw systemError(env, "Mapping the counters");
  return Napi::ArrayBuffer::New(env, page, kPageBytes, [fd = file.release()](Napi::BasicEnv, void* data) {
    munmap(data, kPageBytes);
    ::close(fd);
  });
}

Napi::Value createCounters(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  base::Descriptor file(memfd_create("readymark-counters", MFD_CLOEXEC));
  if (!file.open()) throw systemError(env, "Creating the counters' memory file");
  if (ftruncate(file.fd(), kPageBytes) != 0) throw systemError(env, "Sizing the counters' memory file");
  auto object = Napi::Object::New(env);
  object.Set("path", "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file.fd()));
  object.Set("page", mapPage(env, std::move(file), PROT_READ | PROT_WRITE));
  return object;
}

Napi::Value mapCounters(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw systemError(info.Env(), "Opening the counters at " + path);
  return mapPage(info.Env(), std::move(file), PROT_READ);
}

Napi::Value run(const Napi::CallbackInfo& info) {
  const Job job = jobOf(info[0].As<Napi::Object>());
  auto page = std::make_shared<Page>(info[1]);
  LivePage& live = page->live();
  return BackgroundWork<Result>::start(
      info.Env(), [job, &live] { return runLoad(job, live); },
      // The page is held, and let go on JavaScript's thread, by what shows the result there.
      [page](Napi::Env env, Result& result) { return resultObject(env, result); });
}

Napi::Value readCpuNs(const Napi::CallbackInfo& info) {
  std::vector<pid_t> pids;
  for (const int pid : integersOf(info[0], "pids")) pids.push_back(pid);
  return valueOf(info.Env(), readProcessCpuNs(pids));
}

Napi::Value histogramOf(const Napi::CallbackInfo& info) {
  const auto values = info[0].As<Napi::Float64Array>();
  Histogram histogram;
  for (size_t i = 0; i < values.ElementLength(); ++i) histogram.record(static_cast<int64_t>(values[i]));
  return valueOf(info.Env(), histogram);
}

Napi::Value scheduleOf(const Napi::CallbackInfo& info) {
  const auto options = info[0].As<Napi::Object>();
  Schedule schedule(choiceOf<Arrivals>(options, "arrivals",
                                       {{"constant", Arrivals::Constant}, {"poisson", Arrivals::Poisson}}),
                    numberOf(options, "ratePerSecond"), static_cast<uint64_t>(numberOf(options, "seed")),
                    static_cast<int>(numberOf(options, "thread")),
                    static_cast<int>(numberOf(options, "threads")));
  std::vector<double> due(static_cast<size_t>(numberOf(options, "count")));
  for (double& at : due) at = static_cast<double>(schedule.next());
  return doublesOf(info.Env(), due);
}

}  // namespace

void addExports(Napi::Env env, Napi::Object exports) {
  auto object = Napi::Object::New(env);
  object.Set("run", Napi::Function::New(env, run, "run"));
  object.Set("Session", SessionObject::define(env));
  object.Set("createCounters", Napi::Function::New(env, createCounters, "createCounters"));
  object.Set("mapCounters", Napi::Function::New(env, mapCounters, "mapCounters"));
  object.Set("readCpuNs", Napi::Function::New(env, readCpuNs, "readCpuNs"));
  object.Set("histogramOf", Napi::Function::New(env, histogramOf, "histogramOf"));
  object.Set("scheduleOf", Napi::Function::New(env, scheduleOf, "scheduleOf"));
  exports.Set("loadgen", object);
}

}  // namespace loadgen
