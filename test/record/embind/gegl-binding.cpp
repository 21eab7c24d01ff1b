// A small binding of the kind that others have made for GEGL: embind classes on the module, with
// .delete(). There is no GEGL in it; what the profiler sees of such a binding is the same.

#include <cstdlib>

#include <emscripten/bind.h>

struct GeglObject {
  virtual ~GeglObject() {}
};

struct GeglBuffer : GeglObject {
  explicit GeglBuffer(int bytes) : bytes_(bytes), memory_(std::malloc(bytes)) {}
  ~GeglBuffer() override { std::free(memory_); }
  int size() const { return bytes_; }

 private:
  int bytes_;
  void *memory_;
};

struct GeglNode : GeglObject {};
struct GeglProcessor : GeglObject {};
struct GeglColor : GeglObject {};

struct GeglNodeWrapper : emscripten::wrapper<GeglNode> {
  EMSCRIPTEN_WRAPPER(GeglNodeWrapper);
};

EMSCRIPTEN_BINDINGS(gegl) {
  using namespace emscripten;
  class_<GeglObject>("GeglObject");
  class_<GeglBuffer, base<GeglObject>>("GeglBuffer").constructor<int>().function("size", &GeglBuffer::size);
  class_<GeglNode, base<GeglObject>>("GeglNode")
      .constructor<>()
      .allow_subclass<GeglNodeWrapper>("GeglNodeWrapper");
  class_<GeglProcessor, base<GeglObject>>("GeglProcessor").constructor<>();
  class_<GeglColor, base<GeglObject>>("GeglColor").constructor<>();
}
