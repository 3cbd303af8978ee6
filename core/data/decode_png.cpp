#include <png.h>

#include <csetjmp>
#include <cstring>

#include "core/data/decoders.h"

namespace mimir::detail {
namespace {

/// All that a decoding in progress holds, so that libpng's jumps skip no destructor.
struct Reading {
  std::span<const std::byte> bytes;
  std::size_t place = 0;
  std::vector<png_bytep> rows;
  std::string error;
};

void read_bytes(png_structp png, png_bytep out, png_size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->bytes.size() - reading->place) png_error(png, "premature end of the file");
  std::memcpy(out, reading->bytes.data() + reading->place, count);
  reading->place += count;
}

[[noreturn]] void give_up(png_structp png, png_const_charp text) {
  static_cast<Reading*>(png_get_error_ptr(png))->error = text;
  png_longjmp(png, 1);
}

/// Warnings are about chunks beside the pixels (colour profiles, dates); damaged pixels are errors.
void ignore_warning(png_structp, png_const_charp) {}

/// Nothing in here has a destructor: longjmp skips them.
bool read_pixels(png_structp png, png_infop info, Reading& reading, RawPicture& picture) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &reading, read_bytes);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // refuse_size says it better
  png_read_info(png, info);
  picture.width = png_get_image_width(png, info);
  picture.height = png_get_image_height(png, info);
  picture.channels = 4;
  picture.error = refuse_size(picture.width, picture.height);
  if (!picture.error.empty()) return true;
  png_set_expand(png);          // palette to RGB, 1 to 4 bits to 8, transparent colour to alpha
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const std::size_t row_size = static_cast<std::size_t>(picture.width) * 4;
  if (png_get_rowbytes(png, info) != row_size) png_error(png, "unknown kind of pixels");
  picture.pixels.resize(row_size * static_cast<std::size_t>(picture.height));
  reading.rows.resize(static_cast<std::size_t>(picture.height));
  for (std::size_t y = 0; y < reading.rows.size(); ++y) reading.rows[y] = picture.pixels.data() + y * row_size;
  png_read_image(png, reading.rows.data());
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) == 0;
}

RawPicture decode_png(std::span<const std::byte> bytes) {
  RawPicture picture;
  Reading reading{bytes, 0, {}, {}};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, give_up, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    picture.error = "there is not enough memory to read it";
  } else if (!read_pixels(png, info, reading, picture)) {
    picture.error = "the decoder says \"" + reading.error + "\"";
  }
  png_destroy_read_struct(&png, &info, nullptr);
  return picture;
}

}  // namespace mimir::detail
