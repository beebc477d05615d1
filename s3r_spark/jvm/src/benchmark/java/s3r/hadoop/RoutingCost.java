package s3r.hadoop;

import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** What the router's rules cost as their number grows; jobs/benchmark_routing.py runs it. */
public final class RoutingCost {
  private static final int ROUNDS = 15;

  private RoutingCost() {}

  /** What is measured. */
  private interface Call {
    Object make() throws Exception;
  }

  /** Prints a line for each call: its name, the number of profiles, microseconds. */
  public static void main(String[] sizes) throws Exception {
    for (boolean counts : new boolean[] {false, true}) { // the first time only warms it up
      for (String size : sizes) {
        measure(Integer.parseInt(size), counts);
      }
    }
  }

  private static void measure(int count, boolean counts) throws Exception {
    Configuration conf = configuration(count);
    Routes routes = Profiles.of(conf).routes("lake");
    String folder = "team" + (count - 1);
    String key = folder + "/year=2024/part-0001.parquet";
    URI lake = URI.create("s3a://lake");
    say(counts, "name", count, 5_000, () -> routes.name(key));
    say(counts, "parts", count, 5_000, () -> routes.parts(folder));
    say(counts, "rules", count, 1_000, () -> Profiles.of(conf).routes("lake"));
    say(counts, "open", count, 300, () -> FileSystem.get(lake, conf));
    say(counts, "copy", count, 30, () -> new Configuration(conf));
  }

  /** All profiles are folders of one bucket. */
  private static Configuration configuration(int count) {
    List<String> profiles =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    String.format(
                        "name=p%d;client=default;source_bucket_pattern=lake;source_key_pattern=team%d/*"
                            + ";mapped_bucket_name=store;mapped_prefix=data/team%d",
                        i, i, i))
            .collect(Collectors.toList());
    Configuration conf = new Configuration();
    conf.set("fs.s3r.routes", String.join(" ", profiles));
    conf.setInt("fs.s3r.profiles", count);
    conf.set("fs.s3a.impl", RouterFileSystem.class.getName());
    conf.setBoolean("fs.s3a.impl.disable.cache", true);
    return conf;
  }

  private static void say(boolean counts, String name, int count, int number, Call call)
      throws Exception {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long begun = System.nanoTime();
      for (int i = 0; i < number; i++) {
        call.make();
      }
      best = Math.min(best, (System.nanoTime() - begun) / 1e3 / number);
    }
    if (counts) {
      System.out.printf("%s %d %.3f%n", name, count, best);
    }
  }
}
