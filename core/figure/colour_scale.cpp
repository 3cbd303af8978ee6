#include "core/figure/colour_scale.h"

#include <algorithm>
#include <cmath>

#include "core/figure/palette.h"
#include "core/store/media.h"

namespace mimir {
namespace {

using Stops = std::array<std::uint32_t, 33>;
constexpr Stops kViridis = {
    0x440154, 0x470D60, 0x48186A, 0x482374, 0x472D7B, 0x453781, 0x424086, 0x3E4989, 0x3B528B, 0x375B8D, 0x33638D,
    0x2F6B8E, 0x2C728E, 0x297A8E, 0x26828E, 0x23898E, 0x21918C, 0x1F978B, 0x1F9F88, 0x21A685, 0x27AD81, 0x31B57B,
    0x3DBC74, 0x4CC26C, 0x5CC863, 0x6ECE58, 0x81D34D, 0x95D840, 0xAADC32, 0xC0DF25, 0xD5E21A, 0xEAE51A, 0xFDE725};
constexpr Stops kMagma = {
    0x000004, 0x030312, 0x0A0822, 0x130D34, 0x1D1147, 0x29115A, 0x36106B, 0x440F76, 0x51127C, 0x5D177F, 0x6A1C81,
    0x762181, 0x832681, 0x902A81, 0x9C2E7F, 0xAA337D, 0xB73779, 0xC23B75, 0xCF4070, 0xDB476A, 0xE55064, 0xEE5B5E,
    0xF4695C, 0xF9785D, 0xFB8761, 0xFD9668, 0xFEA571, 0xFEB47B, 0xFEC287, 0xFED194, 0xFDE0A1, 0xFCEEB0, 0xFCFDBF};
constexpr std::array<std::uint32_t, 5> kDiverging = {0x114C8F, 0x61A0E0, 0xF4F5F7, 0xD98253, 0x822E02};

using Triple = std::array<double, 3>;

Triple channels(std::uint32_t colour) {
  return {static_cast<double>(colour >> 16 & 255), static_cast<double>(colour >> 8 & 255), static_cast<double>(colour & 255)};
}

Triple between(const Triple& a, const Triple& b, double share) {
  return {a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share};
}

// OKLab, Ottosson 2020.

Triple to_oklab(const Triple& srgb) {
  Triple linear;
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = srgb[i] / 255;
    linear[i] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  }
  const auto [r, g, b] = linear;
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Triple from_oklab(const Triple& lab) {
  const auto cube = [](double v) { return v * v * v; };
  const double l = cube(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]);
  const double m = cube(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]);
  const double s = cube(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]);
  Triple srgb = {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                 -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
  for (double& v : srgb) v = 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055);
  return srgb;
}

std::array<std::uint8_t, 3> rounded(const Triple& colour) {
  std::array<std::uint8_t, 3> bytes{};
  for (std::size_t i = 0; i < 3; ++i) bytes[i] = static_cast<std::uint8_t>(std::lround(std::clamp(colour[i], 0.0, 255.0)));
  return bytes;
}

std::string end_text(double value) { return value == 0 ? "0" : fmt::format("{:.3g}", value); }

}  // namespace

std::array<std::uint8_t, 3> scale_colour(ColourScale scale, double share) {
  const std::span<const std::uint32_t> stops = scale == ColourScale::viridis ? std::span<const std::uint32_t>(kViridis)
                                               : scale == ColourScale::magma ? std::span<const std::uint32_t>(kMagma) : kDiverging;
  const double place = (share > 0 ? std::min(share, 1.0) : 0) * static_cast<double>(stops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
  const Triple a = channels(stops[below]), b = channels(stops[below + 1]);
  const double part = place - static_cast<double>(below);
  if (scale != ColourScale::diverging) return rounded(between(a, b, part));
  return rounded(from_oklab(between(to_oklab(a), to_oklab(b), part)));
}

Expected<std::vector<std::byte>> map_png(std::span<const float> values, std::int64_t width, std::int64_t height, double low, double high,
                                         ColourScale scale) {
  std::vector<std::uint8_t> bytes;
  for (const float value : values) {
    const auto colour = scale_colour(scale, high > low ? (static_cast<double>(value) - low) / (high - low) : 0);
    bytes.insert(bytes.end(), colour.begin(), colour.end());
  }
  return encode_png(width, height, 3, bytes);
}

Expected<std::vector<std::byte>> image_png(std::span<const float> image, std::int64_t channel_count, std::int64_t width, std::int64_t height) {
  const auto pixels = static_cast<std::size_t>(width * height), count = static_cast<std::size_t>(channel_count);
  std::vector<std::uint8_t> bytes(pixels * count);
  for (std::size_t i = 0; i < std::min(bytes.size(), image.size()); ++i) {
    const double value = image[i];
    bytes[i % pixels * count + i / pixels] = static_cast<std::uint8_t>(std::lround(value > 0 ? std::min(value, 1.0) * 255 : 0));
  }
  return encode_png(width, height, static_cast<int>(channel_count), bytes);
}

Expected<void> draw_scale(Figure& figure, const Box& box, double low, double high, ColourScale scale, const std::string& label) {
  constexpr std::int64_t kSteps = 128;
  std::vector<float> values;
  for (std::int64_t i = 0; i < kSteps; ++i) values.push_back(static_cast<float>(kSteps - 1 - i));
  auto png = map_png(values, 1, kSteps, 0, static_cast<double>(kSteps - 1), scale);
  if (!png) return pass_on(png);
  figure.add(Picture{box, std::move(*png), label});
  figure.add(Rect{box, {}, {palette::kBorder}});
  const double x = box.right() + 5;
  const auto end = [&](double y, double value) { figure.add(Text{{x, y}, end_text(value), 10, palette::kText3, Anchor::start, Typeface::mono}); };
  end(box.y + 8, high);
  end(box.bottom(), low);
  if (low < 0 && high > 0) end((box.y + box.bottom()) / 2 + 4, 0);
  figure.add(Text{{box.right() + 58, (box.y + box.bottom()) / 2}, label, 10, palette::kText3, Anchor::middle, Typeface::sans, -90});
  return {};
}

}  // namespace mimir
