#pragma once

namespace mimir::test {

/// Of a recipe, to be appended: a model that is trained and looked into within seconds.
inline constexpr const char* kTinyModel = R"(
[model]
embed_dim = 32
depth = 2
num_heads = 2
decoder_embed_dim = 16
decoder_depth = 1
decoder_num_heads = 2
)";

}  // namespace mimir::test
