#include "core/training/run_stages.h"

#include <c10/util/Exception.h>

#include <new>

namespace mimir {
namespace {

Expected<void> run_stage(const StagePlan& plan, const StageContext& context, bool& recorded) {
  auto stage = plan.make(context);
  if (!stage) return pass_on(stage);
  auto done = (*stage)->prepare();
  if (!done) return pass_on(done);
  if (*done >= (*stage)->total()) return {};  // finished by an earlier segment
  context.writer.begin_segment(plan.name, *done, (*stage)->total());
  recorded = true;
  context.writer.set_state(SegmentState::running);
  return (*stage)->run();
}

}  // namespace

Error error_of_exception(std::exception_ptr exception, const std::string& where) {
  const auto out_of_memory = [&] {
    return Error{ErrorCode::out_of_memory, fmt::format("{}: out of memory; take a smaller batch_size or model", where), {}};
  };
  try {
    std::rethrow_exception(exception);
  } catch (const ErrorException& error) {
    return error.error;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    if (text.find("out of memory") != std::string::npos || text.find("can't allocate memory") != std::string::npos) return out_of_memory();
    return {ErrorCode::defect, fmt::format("{}: {}", where, text), error.what()};
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return {ErrorCode::defect, fmt::format("{}: {}", where, error.what()), {}};
  }
}

Expected<void> run_stages(const std::vector<StagePlan>& plans, const StageContext& context) {
  for (const StagePlan& plan : plans) {
    Expected<void> result;
    bool recorded = false;  // whether the stage has a segment that its end can be written into
    try {
      result = run_stage(plan, context, recorded);
    } catch (...) {
      result = tl::unexpected<Error>(error_of_exception(std::current_exception(), "stage " + plan.name));
    }
    if (!result) {
      if (!recorded) context.writer.begin_segment(plan.name, 0, 0);
      const bool stopped = result.error().code == ErrorCode::stopped;
      context.writer.end_segment(stopped ? SegmentState::stopped : SegmentState::failed, result.error());
      return result;
    }
    context.writer.end_segment(SegmentState::finished);
  }
  return {};
}

}  // namespace mimir
