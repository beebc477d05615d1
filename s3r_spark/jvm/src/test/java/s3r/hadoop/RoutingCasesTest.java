package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** tests/routing-cases.yaml, the exact meaning of profiles, row by row. */
@SuppressWarnings("unchecked")
final class RoutingCasesTest {
  private static final Map<String, Object> CASES = load();

  private static Map<String, Object> load() {
    java.nio.file.Path file = java.nio.file.Path.of("../../tests/routing-cases.yaml");
    try (Reader reader = Files.newBufferedReader(file)) {
      return new Yaml().load(reader);
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  private static Stream<Arguments> rows(String section) {
    List<Arguments> rows = new ArrayList<>();
    for (Map<String, Object> each : (List<Map<String, Object>>) CASES.get(section)) {
      for (List<String> row : (List<List<String>>) each.get("resolve")) {
        rows.add(Arguments.of(each.get("profiles"), row));
      }
    }
    return rows.stream();
  }

  static Stream<Arguments> objects() {
    return rows("cases");
  }

  static Stream<Arguments> paths() {
    return rows("hadoop");
  }

  static Stream<Arguments> files() {
    return rows("hadoop_files");
  }

  static Stream<Arguments> refused() {
    return ((List<Map<String, String>>) CASES.get("refused_for_spark"))
        .stream().map(row -> Arguments.of(row.get("pattern")));
  }

  /** The profiles as engines/router.py writes them: one for each pattern of a list. */
  private static Configuration conf(Map<String, Map<String, Object>> profiles, boolean forSpark) {
    List<String> written = new ArrayList<>();
    for (Map.Entry<String, Map<String, Object>> profile : profiles.entrySet()) {
      Map<String, Object> fields = new LinkedHashMap<>(profile.getValue());
      fields.putIfAbsent("name", profile.getKey());
      fields.putIfAbsent("spark", forSpark);
      Object pattern = fields.getOrDefault("source_key_pattern", "*");
      for (Object each : pattern instanceof List<?> list ? list : List.of(pattern)) {
        fields.put("source_key_pattern", each);
        written.add(
            fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining(";")));
      }
    }
    Configuration conf = new Configuration(false);
    conf.setInt("fs.s3r.profiles", written.size());
    conf.set("fs.s3r.routes", String.join(" ", written));
    return conf;
  }

  private static String encoded(Object value) {
    return URLEncoder.encode(value.toString(), UTF_8).replace("+", "%20");
  }

  /** Keys that no Hadoop path can spell too, so the rules themselves are asked. */
  @ParameterizedTest
  @MethodSource("objects")
  void keys(Map<String, Map<String, Object>> profiles, List<String> row) {
    String bucket = row.get(0);
    String key = row.get(1);
    Configuration conf = conf(profiles, false);
    Rule owner = Rule.unmatched(bucket, false);
    for (Profile profile : Profiles.of(conf).all()) {
      if (new Glob(profile.bucketPattern()).matches(bucket)) {
        Rule rule = Rule.of(profile, bucket);
        if (rule.takes(key)) {
          owner = rule;
          break;
        }
      }
    }
    assertEquals(row.subList(2, 6), answer(owner, owner.physical(key)));
    assertEquals(key, owner.logical(row.get(5)));
    assertTrue(owner.mayTakeBelow(key));
    for (int end = 0; end < key.length(); end++) {
      assertTrue(owner.mayTakeBelow(key.substring(0, end)));
    }
  }

  private static List<String> answer(Rule rule, String physical) {
    List<String> out = new ArrayList<>();
    out.add(rule.profile);
    out.add(rule.client);
    out.add(rule.bucket);
    out.add(physical);
    return out;
  }

  @ParameterizedTest
  @MethodSource("paths")
  void paths(Map<String, Map<String, Object>> profiles, List<String> row) throws IOException {
    Path path = new Path(row.get(0));
    String bucket = path.toUri().getAuthority();
    Routes routes = Profiles.of(conf(profiles, true)).routes(bucket);
    String key = Routes.stripped(path.toUri().getPath());
    Rule owner = routes.owner(key);
    assertEquals(row.get(1), owner.profile);
    assertEquals(row.get(2), owner.bucket);
    assertEquals(row.get(3), "/" + Routes.stripped(owner.physical(Routes.folder(key))));
    assertTrue(routes.parts(key).contains(owner));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileAndAFolderOfOneName(Map<String, Map<String, Object>> profiles, List<String> row) {
    Path path = new Path(row.get(0));
    Routes routes = Profiles.of(conf(profiles, true)).routes(path.toUri().getAuthority());
    Name name = routes.name(Routes.stripped(path.toUri().getPath()));
    Rule file = name.isFolderOnly() ? name.folder() : name.file();
    assertEquals(row.subList(1, 4), placed(file, name));
    assertEquals(row.subList(4, 7), placed(name.folder(), name));
    assertEquals(row.subList(1, 4).equals(row.subList(4, 7)), !name.isTwofold());
  }

  private static List<String> placed(Rule rule, Name name) {
    String physical = Routes.stripped(rule.physical(Routes.folder(name.key())));
    return Arrays.asList(rule.profile, rule.bucket, physical);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void patternsThatOwnNoWholeFoldersAreRefused(String pattern) {
    Map<String, Map<String, Object>> profiles =
        Map.of("it", Map.of("source_bucket_pattern", "b", "source_key_pattern", pattern));
    Exception error =
        assertThrows(
            IllegalArgumentException.class, () -> Profiles.of(conf(profiles, true)).routes("b"));
    assertTrue(error.getMessage().contains(pattern), error.getMessage());
    assertNotNull(
        Profiles.of(conf(profiles, false)).routes("b"), "spark: false leaves it to others");
  }
}
