package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.impl.HeaderProcessing;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * What its owner said of an object, as S3A tells it and as a copy is to be made with.
 *
 * <p>S3A makes every header that a file is created with a part of its metadata, a content type too.
 * Such ones go under names that nobody else has, and are put in their place in the requests.
 */
final class Headers {
  private static final String TOLD = "header.";
  private static final String OPTION = "fs.s3a.create.header.";
  private static final String MARK = "s3r-rename-";

  /** What is no metadata, and yet the owner's. */
  private static final Set<String> OWNERS =
      Set.of(
          HeaderProcessing.XA_CACHE_CONTROL,
          HeaderProcessing.XA_CONTENT_DISPOSITION,
          HeaderProcessing.XA_CONTENT_ENCODING,
          HeaderProcessing.XA_CONTENT_LANGUAGE,
          HeaderProcessing.XA_CONTENT_TYPE);

  /** What S3A says of an object beside its metadata. */
  private static final Set<String> STANDARD = Set.of(HeaderProcessing.XA_STANDARD_HEADERS);

  private Headers() {}

  /** Tells the builder of a copy what S3A told of the original. */
  static void copy(Map<String, byte[]> told, FSDataOutputStreamBuilder<?, ?> file) {
    told.forEach(
        (name, value) -> {
          String header = name.substring(TOLD.length());
          if (OWNERS.contains(name)) {
            file.opt(OPTION + MARK + header.toLowerCase(Locale.ROOT), new String(value, UTF_8));
          } else if (!STANDARD.contains(name)) {
            file.opt(OPTION + header, new String(value, UTF_8));
          }
        });
  }

  /** S3A's requests, with such headers in their place. */
  static RequestFactory placed(RequestFactory s3a) {
    return (RequestFactory)
        Proxy.newProxyInstance(
            RequestFactory.class.getClassLoader(),
            new Class<?>[] {RequestFactory.class},
            (proxy, method, given) -> {
              Object made;
              try {
                made = method.invoke(s3a, given);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
              if (made instanceof PutObjectRequest.Builder put) {
                place(put);
              } else if (made instanceof CreateMultipartUploadRequest.Builder upload) {
                place(upload);
              }
              return made;
            });
  }

  private static void place(PutObjectRequest.Builder put) {
    Map<String, String> metadata = new HashMap<>(put.build().metadata());
    boolean any = move(metadata, "cache-control", put::cacheControl);
    any |= move(metadata, "content-disposition", put::contentDisposition);
    any |= move(metadata, "content-encoding", put::contentEncoding);
    any |= move(metadata, "content-language", put::contentLanguage);
    any |= move(metadata, "content-type", put::contentType);
    if (any) {
      put.metadata(metadata);
    }
  }

  private static void place(CreateMultipartUploadRequest.Builder upload) {
    Map<String, String> metadata = new HashMap<>(upload.build().metadata());
    boolean any = move(metadata, "cache-control", upload::cacheControl);
    any |= move(metadata, "content-disposition", upload::contentDisposition);
    any |= move(metadata, "content-encoding", upload::contentEncoding);
    any |= move(metadata, "content-language", upload::contentLanguage);
    any |= move(metadata, "content-type", upload::contentType);
    if (any) {
      upload.metadata(metadata);
    }
  }

  private static boolean move(Map<String, String> metadata, String name, Consumer<String> header) {
    String value = metadata.remove(MARK + name);
    if (value != null) {
      header.accept(value);
    }
    return value != null;
  }
}
