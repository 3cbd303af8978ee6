#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/data/dataset.h"
#include "core/data/parallel.h"

// Drawn pictures that show in minutes what adversarial robustness is. Each class has two features:
//  - a shape, of a contrast far above 8/255: what people see, and what stays under attack;
//  - a fine texture of a few grey levels, which tells the class perfectly and which an attack of 8/255 erases or forges.
// A naturally trained model reads the texture too, for it is easy, and breaks; adversarial training has to learn the shape.

namespace mimir {
namespace {

constexpr std::uint64_t kSeed = 0x6d696d6972;  // the pictures are the same for every recipe
constexpr std::int64_t kTrainImages = 5000;
constexpr std::int64_t kTestImages = 1000;  // ids behind those of the training pictures
constexpr std::int64_t kSide = 32;

// What makes it easy or hard. Lightness is OKLab's (0 black, 1 white); lengths are shares of the picture's side.
constexpr float kContrastLow = 0.24f, kContrastHigh = 0.38f;  // lightness between shape and background
constexpr float kHueSpread = 0.35f;                           // radians about the class's own hue, each way
constexpr float kTexture = 4.0f / 255;                        // amplitude of the class texture
constexpr float kNoise = 5.0f / 255;                          // half width of the uniform noise
constexpr float kWaves = 0.030f;                              // amplitude of the background's slow waves
constexpr float kRadiusLow = 0.27f, kRadiusHigh = 0.37f;
constexpr float kShift = 0.11f;                               // of the centre, each way
constexpr float kTurn = 0.26f;                                // radians, each way

constexpr float kPi = std::numbers::pi_v<float>;
constexpr std::array<const char*, 10> kClasses = {"disc", "square", "triangle", "ring", "cross",
                                                  "star", "rows", "columns", "diagonals", "checkerboard"};

struct Colour {
  float red, green, blue;
};
Colour mix(const Colour& a, const Colour& b, float t) {
  return {a.red + (b.red - a.red) * t, a.green + (b.green - a.green) * t, a.blue + (b.blue - a.blue) * t};
}

/// OKLab (Ottosson 2020) in polar form to sRGB, clipped. hue in radians.
Colour from_oklch(float lightness, float chroma, float hue) {
  const float a = chroma * std::cos(hue), b = chroma * std::sin(hue);
  const auto cube = [](float v) { return v * v * v; };
  const float l = cube(lightness + 0.3963377774f * a + 0.2158037573f * b);
  const float m = cube(lightness - 0.1055613458f * a - 0.0638541728f * b);
  const float s = cube(lightness - 0.0894841775f * a - 1.2914855480f * b);
  const auto encode = [](float v) {
    v = std::clamp(v, 0.0f, 1.0f);
    return v <= 0.0031308f ? 12.92f * v : 1.055f * std::pow(v, 1 / 2.4f) - 0.055f;
  };
  return {encode(4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s),
          encode(-1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s),
          encode(-0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s)};
}

float box(float x, float y, float half_width, float half_height) {
  return std::max(std::abs(x) - half_width, std::abs(y) - half_height);
}

/// Three bars across x with two gaps, in a box of half side r.
float bars(float x, float y, float r) {
  const float step = r * 0.8f;
  const float nearest = std::clamp(std::round(x / step), -1.0f, 1.0f) * step;
  return box(x - nearest, y, r * 0.2f, r);
}

/// Five points; r is the radius of the outer ones.
float star(float x, float y, float r) {
  const float sector = 2 * kPi / 5;
  float angle = std::atan2(x, -y);  // 0 at the point that looks up
  angle = std::abs(angle - sector * std::round(angle / sector));
  const float length = std::hypot(x, y), inner = 0.45f * r;
  const float px = length * std::cos(angle), py = length * std::sin(angle);
  // The edge from the outer point (r, 0) to the inner one at half a sector.
  const float qx = inner * std::cos(sector / 2), qy = inner * std::sin(sector / 2);
  const float edge = std::hypot(qx - r, qy);
  return ((px - r) * qy - py * (qx - r)) / edge;
}

/// The five fields of a 3 x 3 board that have the colour of its middle; the board is 2 r wide.
float checkerboard(float x, float y, float r) {
  const float field = r / 1.5f;
  float nearest = 1e9f;
  for (int row = -1; row <= 1; ++row) {
    for (int column = -1; column <= 1; ++column) {
      if ((row + column) % 2 != 0) continue;
      nearest = std::min(nearest, box(x - field * static_cast<float>(column), y - field * static_cast<float>(row), field / 2, field / 2));
    }
  }
  return nearest;
}

/// Signed distance from the edge of the class's shape of radius r around 0, negative inside; x right, y down.
float shape_distance(std::int64_t label, float x, float y, float r) {
  const float diagonal = std::numbers::sqrt2_v<float> / 2;
  switch (label) {
    case 0: return std::hypot(x, y) - r;
    case 1: return box(x, y, 0.85f * r, 0.85f * r);
    case 2: return std::max(std::abs(x) * 0.8660254f - (y - 0.15f * r) * 0.5f, y - 0.15f * r) - 0.55f * r;
    case 3: return std::abs(std::hypot(x, y) - 0.75f * r) - 0.25f * r;
    case 4: return std::min(box(x, y, r, 0.3f * r), box(x, y, 0.3f * r, r));
    case 5: return star(x, y, 1.1f * r);
    case 6: return bars(y, x, 0.95f * r);
    case 7: return bars(x, y, 0.95f * r);
    case 8: return bars((x + y) * diagonal, (x - y) * diagonal, r);
    default: return checkerboard(x, y, r);
  }
}

/// The class texture at a pixel, in [-1, 1]: a product of two cosines of 0, 1/4 or 1/2 cycles per pixel. The second
/// five classes have those of the first five, with red against blue instead of all channels together.
struct Texture {
  int across, down;  // eighths of a cycle per pixel
  Colour weight;
};
Texture texture_of(std::int64_t label) {
  constexpr std::array<std::array<int, 2>, 5> kFrequencies = {{{4, 4}, {4, 0}, {0, 4}, {4, 2}, {2, 4}}};
  const auto& f = kFrequencies[static_cast<std::size_t>(label % 5)];
  return {f[0], f[1], label < 5 ? Colour{1, 1, 1} : Colour{1, 0, -1}};
}

/// Everything that is random about a picture but its noise.
struct Scene {
  Colour background[2], shape[2];
  float gradient_x, gradient_y;   // direction of the background's gradient
  float wave_x, wave_y, wave_phase;
  float centre_x, centre_y, radius, cosine, sine, mirror;
  int texture_x, texture_y;       // shift of the texture, pixels
};

Scene make_scene(std::span<const float> u, std::int64_t label) {
  const auto between = [](float low, float high, float t) { return low + (high - low) * t; };
  Scene scene{};
  const float contrast = between(kContrastLow, kContrastHigh, u[0]);
  const bool dark = u[1] < 0.5f;  // a light shape on a dark ground, or the reverse
  const float ground = dark ? between(0.34f, 0.52f, u[2]) : between(0.68f, 0.84f, u[2]);
  const float figure = dark ? ground + contrast : ground - contrast;
  const float hue = 2 * kPi * u[3];
  const float figure_hue = 2 * kPi * static_cast<float>(label) / 10 + between(-kHueSpread, kHueSpread, u[4]);
  const float chroma = between(0.02f, 0.07f, u[5]), figure_chroma = between(0.10f, 0.16f, u[6]);
  scene.background[0] = from_oklch(ground - 0.035f, chroma, hue - 0.25f);
  scene.background[1] = from_oklch(ground + 0.035f, chroma, hue + 0.25f);
  scene.shape[0] = from_oklch(figure + 0.02f, figure_chroma, figure_hue - 0.15f);
  scene.shape[1] = from_oklch(figure - 0.02f, figure_chroma, figure_hue + 0.15f);
  const float direction = 2 * kPi * u[7];
  scene.gradient_x = std::cos(direction);
  scene.gradient_y = std::sin(direction);
  const float wave = 2 * kPi * u[8], frequency = 2 * kPi * between(1.0f, 2.5f, u[9]);
  scene.wave_x = frequency * std::cos(wave);
  scene.wave_y = frequency * std::sin(wave);
  scene.wave_phase = 2 * kPi * u[10];
  scene.centre_x = 0.5f + between(-kShift, kShift, u[11]);
  scene.centre_y = 0.5f + between(-kShift, kShift, u[12]);
  scene.radius = between(kRadiusLow, kRadiusHigh, u[13]);
  const float turn = between(-kTurn, kTurn, u[14]);
  scene.cosine = std::cos(turn);
  scene.sine = std::sin(turn);
  scene.mirror = u[15] < 0.5f ? -1.0f : 1.0f;
  scene.texture_x = static_cast<int>(u[16] * 8);
  scene.texture_y = static_cast<int>(u[17] * 8);
  return scene;
}
constexpr std::size_t kSceneNumbers = 18;

/// Draws picture `id` of `side` pixels into out [3, side, side].
void draw(std::int64_t id, std::int64_t side, std::uint8_t* out) {
  const auto pixels = static_cast<std::size_t>(side * side);
  std::vector<float> numbers(kSceneNumbers + 3 * pixels);
  PhiloxDraws(kSeed).uniform({Purpose::demo_data}, std::span(&id, 1), numbers);
  const std::int64_t label = id % static_cast<std::int64_t>(kClasses.size());
  const Scene scene = make_scene(numbers, label);
  const float* noise = numbers.data() + kSceneNumbers;
  const Texture texture = texture_of(label);
  std::array<float, 8> cosines{};
  for (int k = 0; k < 8; ++k) cosines[static_cast<std::size_t>(k)] = std::cos(2 * kPi * static_cast<float>(k) / 8);

  for (std::int64_t row = 0; row < side; ++row) {
    for (std::int64_t column = 0; column < side; ++column) {
      const float x = (static_cast<float>(column) + 0.5f) / static_cast<float>(side);
      const float y = (static_cast<float>(row) + 0.5f) / static_cast<float>(side);
      const float ramp = 0.5f + 0.7f * ((x - 0.5f) * scene.gradient_x + (y - 0.5f) * scene.gradient_y);
      const Colour ground = mix(scene.background[0], scene.background[1], std::clamp(ramp, 0.0f, 1.0f));
      const float dx = (x - scene.centre_x) * scene.mirror, dy = y - scene.centre_y;
      const float distance = shape_distance(label, scene.cosine * dx + scene.sine * dy, scene.cosine * dy - scene.sine * dx, scene.radius);
      const float cover = std::clamp(0.5f - distance * static_cast<float>(side), 0.0f, 1.0f);
      const Colour figure = mix(scene.shape[0], scene.shape[1], std::clamp(0.5f + dy / (2 * scene.radius), 0.0f, 1.0f));
      const float waves = kWaves * (1 - cover) * std::sin(scene.wave_x * x + scene.wave_y * y + scene.wave_phase);
      const Colour colour = mix(ground, figure, cover);

      const auto cosine = [&](int eighths, std::int64_t place) { return cosines[static_cast<std::size_t>((eighths * place) % 8)]; };
      const float fine = kTexture * cosine(texture.across, column + scene.texture_x) * cosine(texture.down, row + scene.texture_y);
      const auto pixel = static_cast<std::size_t>(row * side + column);
      const auto put = [&](std::size_t channel, float value, float weight) {
        value += waves + weight * fine + kNoise * (2 * noise[channel * pixels + pixel] - 1);
        out[channel * pixels + pixel] = static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0f, 1.0f)));
      };
      put(0, colour.red, texture.weight.red);
      put(1, colour.green, texture.weight.green);
      put(2, colour.blue, texture.weight.blue);
    }
  }
}

Expected<std::shared_ptr<const Split>> draw_split(std::int64_t first, std::int64_t count, std::int64_t side, StopToken stop) {
  at::Tensor pictures = at::empty({count, 3, side, side}, at::kByte);  // [N, 3, S, S]
  std::vector<std::int64_t> labels(static_cast<std::size_t>(count));
  auto done = for_each_parallel(count, [&](std::int64_t i) -> Expected<void> {
    draw(first + i, side, pictures.data_ptr<std::uint8_t>() + i * pictures.stride(0));
    labels[static_cast<std::size_t>(i)] = (first + i) % static_cast<std::int64_t>(kClasses.size());
    return {};
  }, stop);
  if (!done) return pass_on(done);
  return std::make_shared<const Split>(make_memory_source(std::move(pictures)), std::move(labels),
                                       std::vector<std::string>(kClasses.begin(), kClasses.end()), 3, side);
}

Expected<Dataset> load(const DataRecipe&, std::int64_t img_size, StopToken stop) {
  const std::int64_t side = img_size == 0 ? kSide : img_size;
  auto train = draw_split(0, kTrainImages, side, stop);
  if (!train) return pass_on(train);
  auto test = draw_split(kTrainImages, kTestImages, side, stop);
  if (!test) return pass_on(test);
  return Dataset{*train, *test};
}

const bool registered = datasets().add(
    {{"demo", "Drawn shapes", "",
      "Ten kinds of shapes, drawn when asked for: 5000 pictures to train, 1000 to test, always the same. Each class also has a fine texture below 8/255 that natural training falls for."},
     false, [](const std::filesystem::path&) { return false; }, load});

}  // namespace
}  // namespace mimir
