package s3r.hadoop;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.MultipartUploaderBuilder;
import org.apache.hadoop.fs.Path;

/**
 * The stores' own builders, whatever they offer: logical paths go in, and errors name them.
 *
 * <p>They are proxies, since their methods differ between Hadoop versions: an uploader's {@code
 * putPart} has one parameter more in 3.5.
 */
final class Builders {
  private Builders() {}

  /** Where a logical path is. */
  @FunctionalInterface
  interface Mapping {
    Place place(Path path) throws IOException;
  }

  /** What becomes of a result. */
  @FunctionalInterface
  private interface Made {
    Object from(String method, Object result);
  }

  static FutureDataInputStreamBuilder opening(Place place) throws IOException {
    FutureDataInputStreamBuilder store = place.run((fs, path) -> fs.openFile(path));
    return proxy(
        FutureDataInputStreamBuilder.class,
        store,
        place,
        path -> path,
        (name, result) ->
            name.equals("build") ? opened((CompletableFuture<?>) result, place) : result);
  }

  private static CompletableFuture<FSDataInputStream> opened(
      CompletableFuture<?> store, Place place) {
    return store.handle(
        (stream, error) -> {
          if (error != null) {
            throw new CompletionException(place.named(error));
          }
          return NamedInput.of((FSDataInputStream) stream, place);
        });
  }

  static MultipartUploaderBuilder<?, ?> uploading(Place base, Mapping mapping) throws IOException {
    MultipartUploaderBuilder<?, ?> store = base.run((fs, path) -> fs.createMultipartUploader(path));
    Paths physical = path -> mapping.place(path).path();
    return proxy(
        MultipartUploaderBuilder.class,
        store,
        base,
        path -> path,
        (name, built) ->
            name.equals("build")
                ? proxy(
                    MultipartUploader.class, (MultipartUploader) built, base, physical, (n, r) -> r)
                : built);
  }

  /** What becomes of a path that is an argument. */
  @FunctionalInterface
  private interface Paths {
    Path physical(Path path) throws IOException;
  }

  private static <B> B proxy(Class<B> type, B store, Place place, Paths paths, Made made) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, given) -> {
              Object[] arguments = given == null ? new Object[0] : given.clone();
              for (int i = 0; i < arguments.length; i++) {
                if (arguments[i] instanceof Path path) {
                  arguments[i] = paths.physical(path);
                }
              }
              Object result;
              try {
                result = method.invoke(store, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause() instanceof IOException error
                    ? place.named(error)
                    : thrown.getCause();
              }
              return result == store ? proxy : made.from(method.getName(), result);
            }));
  }
}
