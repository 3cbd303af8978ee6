#include "core/service/service.h"

#include <c10/util/Exception.h>

#include <new>

#include "core/base/text.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

NamedArrays to_arrays(const std::map<std::string, at::Tensor>& tensors) {
  NamedArrays arrays;
  for (const auto& [name, tensor] : tensors) arrays.emplace(name, to_array(tensor));
  return arrays;
}

/// The border where exceptions of a request end.
Expected<Findings> guarded(const std::function<Expected<Findings>()>& work) {
  constexpr const char* kMemory = "out of memory: take fewer images, a smaller model, or a machine with more";
  try {
    return work();
  } catch (const ErrorException& exception) {
    return tl::unexpected<Error>(exception.error);
  } catch (const c10::Error& exception) {
    const std::string text = exception.what_without_backtrace();
    const bool memory = text.find("out of memory") != std::string::npos || text.find("can't allocate memory") != std::string::npos;
    if (memory) return tl::unexpected<Error>(Error{ErrorCode::out_of_memory, kMemory, text});
    return tl::unexpected<Error>(Error{ErrorCode::defect, "a defect in the program: " + text.substr(0, text.find('\n')), text});
  } catch (const std::bad_alloc& exception) {
    return tl::unexpected<Error>(Error{ErrorCode::out_of_memory, kMemory, exception.what()});
  } catch (const std::exception& exception) {
    return fail(ErrorCode::defect, "a defect in the program: {}", exception.what());
  }
}

}  // namespace

Registry<ServiceEntry>& services() {
  static Registry<ServiceEntry> registry;
  return registry;
}

WorkerAnswer Service::answer(const WorkerRequest& request, StopToken stop, const std::function<void(const WorkerAnswer&)>& tell) {
  const auto part = [&](AnswerPart kind) {
    WorkerAnswer answer;
    answer.id = request.id;
    answer.kind = request.kind;
    answer.part = kind;
    return answer;
  };
  const auto work = [&]() -> Expected<Findings> {
    const ServiceEntry* entry = services().find(request.kind);
    if (!entry) {
      const auto ids = services().ids();
      const auto nearest = nearest_name(request.kind, ids);
      return fail(ErrorCode::usage, "there is no kind of request \"{}\"; {}", request.kind,
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "there are " + join(ids, ", "));
    }
    auto settings = Settings::read(entry->info.parameters, request.options);
    if (!settings) return pass_on(settings);
    Job job;
    job.stop = stop;
    job.progress = [&](std::int64_t done, std::int64_t total, const std::string& word) {
      WorkerAnswer answer = part(AnswerPart::progress);
      answer.message = word;
      answer.result = {{"done", done}, {"total", total}};
      tell(answer);
    };
    job.better = [&](const Findings& findings) {
      WorkerAnswer answer = part(AnswerPart::better);
      answer.result = findings.result;
      answer.arrays = to_arrays(findings.tensors);
      tell(answer);
    };
    if (stop.cancelled()) return fail(ErrorCode::stopped, "the request was taken back");
    return entry->run(warm_, *settings, request.arrays, job);
  };
  auto found = guarded(work);
  if (!found) {
    WorkerAnswer answer = part(found.error().code == ErrorCode::stopped ? AnswerPart::cancelled : AnswerPart::error);
    answer.message = found.error().message;
    answer.code = error_code_name(found.error().code);
    return answer;
  }
  WorkerAnswer answer = part(AnswerPart::final);
  answer.result = std::move(found->result);
  answer.arrays = to_arrays(found->tensors);
  return answer;
}

}  // namespace mimir
