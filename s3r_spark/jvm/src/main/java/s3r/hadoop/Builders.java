package s3r.hadoop;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.MultipartUploaderBuilder;

/** The stores' own builders, whatever they offer, with what they build under the logical name. */
final class Builders {
  private Builders() {}

  static FutureDataInputStreamBuilder opening(Place place) throws IOException {
    FutureDataInputStreamBuilder store = place.run((fs, path) -> fs.openFile(path));
    return wrapped(FutureDataInputStreamBuilder.class, store, place, UnaryOperator.identity());
  }

  static MultipartUploaderBuilder<?, ?> uploading(Place base, RoutedUploader.Mapping mapping)
      throws IOException {
    MultipartUploaderBuilder<?, ?> store = base.run((fs, path) -> fs.createMultipartUploader(path));
    return wrapped(
        MultipartUploaderBuilder.class,
        store,
        base,
        built -> new RoutedUploader((MultipartUploader) built, mapping));
  }

  private static <B> B wrapped(Class<B> type, B store, Place place, UnaryOperator<Object> built) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Object result;
              try {
                result = method.invoke(store, arguments);
              } catch (InvocationTargetException thrown) {
                Throwable cause = thrown.getCause();
                throw cause instanceof IOException io
                    ? Errors.named(io, place.logical(), place.rule().client)
                    : cause;
              }
              if (method.getName().equals("build")) {
                return built.apply(result);
              }
              return result == store ? proxy : result;
            }));
  }
}
