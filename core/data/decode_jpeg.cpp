#include <csetjmp>
#include <cstdio>
// After cstdio, which jpeglib.h needs.
#include <jerror.h>
#include <jpeglib.h>

#include "core/data/decoders.h"

namespace mimir::detail {
namespace {

/// libjpeg reports by callbacks that must not return; they jump back to read_pixels.
struct Failure {
  jpeg_error_mgr manager;  // first: libjpeg's pointer to it is a pointer to the whole
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void give_up(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  info->err->format_message(info, failure->text);
  std::longjmp(failure->jump, 1);
}

/// Negative levels are warnings: the decoder would go on and fill what is missing with grey.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // these leave every pixel as it was meant
    case JWRN_TOO_MUCH_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR: return;
    default: give_up(info);
  }
}

void on_output(j_common_ptr) {}

/// Nothing in here has a destructor: longjmp skips them.
bool read_pixels(jpeg_decompress_struct& info, Failure& failure, std::span<const std::byte> bytes, RawPicture& picture) {
  if (setjmp(failure.jump) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  picture.width = info.image_width;
  picture.height = info.image_height;
  const bool cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  picture.channels = cmyk ? 4 : 3;
  picture.error = refuse_size(picture.width, picture.height);
  if (!picture.error.empty()) return true;
  const std::size_t row_size = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  picture.pixels.resize(row_size * static_cast<std::size_t>(picture.height));
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.pixels.data() + row_size * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  if (cmyk && !info.saw_Adobe_marker) {  // Adobe's programs store 255 - ink, others the ink
    for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(255 - value);
  }
  return true;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() > 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8} && bytes[2] == std::byte{0xff};
}

RawPicture decode_jpeg(std::span<const std::byte> bytes) {
  RawPicture picture;
  Failure failure{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = give_up;
  failure.manager.emit_message = on_message;
  failure.manager.output_message = on_output;
  if (!read_pixels(info, failure, bytes, picture)) picture.error = std::string("the decoder says \"") + failure.text + "\"";
  jpeg_destroy_decompress(&info);
  return picture;
}

}  // namespace mimir::detail
