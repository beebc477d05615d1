package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;

/**
 * What this machine finds of the places of routes: its variables, its network, its trust store, and
 * S3A with the settings that a job would have here.
 */
public final class Examination implements Function<Configuration, List<String>> {
  /** What is to be looked at: one text as the query of a URL a client, with {@code place.<n>}. */
  static final String ASKED = "fs.s3r.check.clients";

  private static final String SECONDS = "fs.s3r.check.seconds";
  private static final int AT_ONCE = 16;
  private static final int SLOWEST_STEP = 5000; // milliseconds

  /** All facts, once they are there or the time is over. */
  @Override
  public List<String> apply(Configuration conf) {
    List<String> texts = new ArrayList<>();
    long seconds = conf.getLong(SECONDS, 30);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int patience = (int) Math.min(SLOWEST_STEP, TimeUnit.SECONDS.toMillis(seconds) / 3);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_ONCE,
            task -> {
              Thread thread = new Thread(task, "s3r-check");
              thread.setDaemon(true); // one that waits for a host can't be ended
              thread.setContextClassLoader(Examination.class.getClassLoader());
              return thread;
            });
    Map<Facts, Future<?>> running = new LinkedHashMap<>();
    for (String asked : conf.getStrings(ASKED, new String[0])) {
      Map<String, String> client = fields(asked);
      Facts facts = new Facts(Map.of("client", client.get("client")), texts);
      running.put(facts, threads.submit(() -> examine(client, conf, patience, facts, texts)));
    }
    threads.shutdown();
    running.forEach((facts, task) -> await(task, end, facts));
    threads.shutdownNow();
    synchronized (texts) {
      return new ArrayList<>(texts);
    }
  }

  private static void await(Future<?> task, long end, Facts facts) {
    try {
      task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      facts.bad("time", "");
    } catch (ExecutionException failed) {
      facts.bad("check", failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      facts.bad("time", "");
    }
  }

  private static void examine(
      Map<String, String> client,
      Configuration conf,
      int patience,
      Facts facts,
      List<String> texts) {
    if (!variables(client, conf, facts)) {
      return;
    }
    if (client.containsKey("proxy")) {
      facts.good("network", client.get("proxy"));
    } else if (!new Way(URI.create(client.get("endpoint")), patience, facts).isOpen()) {
      return;
    }
    for (int number = 0; client.containsKey("place." + number); number++) {
      Map<String, String> place = fields(client.get("place." + number));
      Map<String, String> about = new LinkedHashMap<>();
      about.put("client", client.get("client"));
      about.put("place", place.get("place"));
      Facts found = new Facts(about, texts);
      try (ExaminedPlace examined = ExaminedPlace.open(place, client.get("prefix"), conf)) {
        examined.examine(found);
      } catch (IOException | RuntimeException | LinkageError error) {
        found.bad("open", error);
      }
    }
  }

  /** Whether what the client's settings refer to is set here; others of its variables are told. */
  private static boolean variables(Map<String, String> client, Configuration conf, Facts facts) {
    List<String> needed = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String name : client.getOrDefault("variables", "").split(" ", -1)) {
      String value = name.isEmpty() ? "-" : System.getenv(name);
      if (value == null || value.isEmpty()) {
        (refersTo(client.get("prefix"), name, conf) ? needed : others).add(name);
      }
    }
    if (!needed.isEmpty()) {
      facts.bad("variables", String.join(" and ", needed));
    } else if (!others.isEmpty()) {
      facts.good("variables", String.join(" and ", others));
    }
    return needed.isEmpty();
  }

  private static boolean refersTo(String prefix, String variable, Configuration conf) {
    for (String option : new String[] {"access.key", "secret.key", "session.token"}) {
      String raw = conf.getRaw(prefix + option);
      if (raw == null && prefix.startsWith("fs.s3a.")) {
        raw = conf.getRaw("fs.s3a." + option);
      }
      if (raw != null && (raw + "}").contains("${env." + variable)) {
        return true;
      }
    }
    return false;
  }

  /** The fields of a text as the query of a URL has it. */
  static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : text.split("&", -1)) {
      int equals = field.indexOf('=');
      fields.put(field.substring(0, equals), URLDecoder.decode(field.substring(equals + 1), UTF_8));
    }
    return fields;
  }
}
