package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.hadoop.conf.Configurable;
import org.apache.hadoop.conf.Configuration;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.services.s3.model.Delete;

/**
 * Counts what the stores of this JVM are asked, as the SDK tells of each attempt and its answer.
 * S3A's own statistics are a bucket's, and know no profile.
 */
public final class Served
    implements ExecutionInterceptor, Configurable, Function<Configuration, List<String>> {
  private static final ExecutionAttribute<Long> START = new ExecutionAttribute<>("s3r.start");
  private static final Map<Whose, Counts> all = new ConcurrentHashMap<>();
  private static final int ERROR = 400; // and above
  private static final int NOT_FOUND = 404;

  private Configuration conf;
  private StorePlaces places;

  private record Whose(String client, String profile) {}

  private static final class Counts {
    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder nanoseconds = new LongAdder();
  }

  /** What was counted: one text as the query of a URL for each client and profile. */
  @Override
  public List<String> apply(Configuration ignored) {
    List<String> texts = new ArrayList<>();
    all.forEach(
        (whose, counts) ->
            texts.add(
                "client="
                    + URLEncoder.encode(whose.client(), UTF_8)
                    + "&profile="
                    + URLEncoder.encode(whose.profile(), UTF_8)
                    + "&requests="
                    + counts.requests
                    + "&errors="
                    + counts.errors
                    + "&sent="
                    + counts.sent
                    + "&received="
                    + counts.received
                    + "&nanoseconds="
                    + counts.nanoseconds));
    return texts;
  }

  @Override
  public void setConf(Configuration conf) {
    this.conf = conf;
    this.places = new StorePlaces(conf);
  }

  @Override
  public Configuration getConf() {
    return conf;
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    Counts counts = counts(context.request());
    if (attributes.getAttribute(START) != null) {
      counts.errors.increment(); // the attempt before had no answer
    }
    attributes.putAttribute(START, System.nanoTime());
    counts.requests.increment();
    SdkHttpRequest request = context.httpRequest();
    if (request.method() == SdkHttpMethod.PUT || request.method() == SdkHttpMethod.POST) {
      counts.sent.add(
          length(
              request
                  .firstMatchingHeader("x-amz-decoded-content-length")
                  .or(() -> request.firstMatchingHeader("Content-Length"))
                  .orElse("0")));
    }
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    Counts counts = counts(context.request());
    took(counts, attributes);
    int status = context.httpResponse().statusCode();
    boolean isHead = context.httpRequest().method() == SdkHttpMethod.HEAD;
    if (status >= ERROR && !(isHead && status == NOT_FOUND)) { // to look is what a HEAD is for
      counts.errors.increment();
    }
    if (!isHead) {
      counts.received.add(
          length(context.httpResponse().firstMatchingHeader("Content-Length").orElse("0")));
    }
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    if (attributes.getAttribute(START) != null) {
      Counts counts = counts(context.request());
      took(counts, attributes);
      counts.errors.increment();
    }
  }

  private static void took(Counts counts, ExecutionAttributes attributes) {
    Long start = attributes.getAttribute(START);
    if (start != null) {
      counts.nanoseconds.add(System.nanoTime() - start);
      attributes.putAttribute(START, null);
    }
  }

  private Counts counts(SdkRequest request) {
    String profile = places.profile(key(request));
    Whose whose = new Whose(places.client, profile == null ? "" : profile);
    return all.computeIfAbsent(whose, unknown -> new Counts());
  }

  /** What a request is about: a key, a prefix, or the first of the keys that it deletes. */
  private static String key(SdkRequest request) {
    return request
        .getValueForField("Key", String.class)
        .or(() -> request.getValueForField("Prefix", String.class))
        .or(
            () ->
                request
                    .getValueForField("Delete", Delete.class)
                    .flatMap(delete -> delete.objects().stream().findFirst())
                    .map(object -> object.key()))
        .orElse("");
  }

  private static long length(String header) {
    try {
      return Long.parseLong(header);
    } catch (NumberFormatException odd) {
      return 0;
    }
  }
}
