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
    Place place(String method, Path path) throws IOException;
  }

  /** What becomes of a result. */
  @FunctionalInterface
  private interface Made {
    Object from(String method, Object result, Place place);
  }

  static FutureDataInputStreamBuilder opening(Place place) throws IOException {
    FutureDataInputStreamBuilder store = place.run((fs, path) -> fs.openFile(path));
    return proxy(
        FutureDataInputStreamBuilder.class,
        store,
        place,
        null,
        (name, result, at) ->
            name.equals("build") ? opened((CompletableFuture<?>) result, place) : result);
  }

  /** The stream that a store opens, with the logical name in its errors. */
  static CompletableFuture<FSDataInputStream> opened(CompletableFuture<?> store, Place place) {
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
    return proxy(
        MultipartUploaderBuilder.class,
        store,
        base,
        null,
        (name, built, at) ->
            name.equals("build")
                ? proxy(
                    MultipartUploader.class,
                    (MultipartUploader) built,
                    base,
                    mapping,
                    (method, result, place) ->
                        result instanceof CompletableFuture<?> future
                            ? named(future, place)
                            : result)
                : built);
  }

  private static <T> CompletableFuture<T> named(CompletableFuture<T> store, Place place) {
    return store.exceptionally(
        error -> {
          throw new CompletionException(place.named(error));
        });
  }

  /**
   * A store's own object with logical paths.
   *
   * @param mapping where the paths are that its methods are given; null: they are given none
   */
  private static <B> B proxy(Class<B> type, B store, Place place, Mapping mapping, Made made) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, given) -> {
              Object[] arguments = given == null ? new Object[0] : given.clone();
              Place at = place;
              for (int i = 0; i < arguments.length; i++) {
                if (mapping != null && arguments[i] instanceof Path path) {
                  at = mapping.place(method.getName(), path);
                  arguments[i] = at.path();
                }
              }
              Object result;
              try {
                result = method.invoke(store, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause() instanceof IOException error
                    ? at.named(error)
                    : thrown.getCause();
              }
              return result == store ? proxy : made.from(method.getName(), result, at);
            }));
  }
}
