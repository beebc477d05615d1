package s3r.hadoop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.fs.BulkDelete;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.statistics.IOStatistics;

/** Bulk deletes, each path's by its own store. */
final class RoutedBulkDelete implements BulkDelete {
  private final Layout layout;
  private final String base;
  private final Function<Path, String> keys;
  private final Map<Rule, BulkDelete> stores = new HashMap<>();
  private final int pageSize;

  RoutedBulkDelete(Layout layout, String base, Function<Path, String> keys) throws IOException {
    this.layout = layout;
    this.base = base;
    this.keys = keys;
    int smallest = Integer.MAX_VALUE;
    for (Rule rule : layout.parts(base)) {
      smallest = Math.min(smallest, of(rule).pageSize());
    }
    this.pageSize = smallest;
  }

  private BulkDelete of(Rule rule) throws IOException {
    BulkDelete known = stores.get(rule);
    if (known == null) {
      known = layout.place(rule, top(rule)).run((fs, path) -> fs.createBulkDelete(path));
      stores.put(rule, known);
    }
    return known;
  }

  /** Where a rule begins to have names below the base. */
  private String top(Rule rule) {
    return layout.isAbove(base, rule) ? layout.head(rule) : base;
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public Path basePath() {
    return layout.path(base);
  }

  @Override
  public List<Map.Entry<Path, String>> bulkDelete(Collection<Path> paths) throws IOException {
    if (paths.size() > pageSize) {
      throw new IllegalArgumentException(
          paths.size() + " paths are more than a page of " + pageSize);
    }
    Map<Rule, Map<Path, Path>> byRule = new LinkedHashMap<>();
    for (Path path : paths) {
      String key = keys.apply(path);
      if (!Routes.folder(key).startsWith(Routes.folder(base))) {
        throw new IllegalArgumentException(path + " is not under " + basePath());
      }
      Name name = layout.name(key);
      layout.checkFileChange(name, "a bulk delete");
      Place place = layout.placeAsFile(name);
      if (!key.isEmpty() && name.isFolderOnly()) {
        continue; // what lies there has no logical name
      }
      byRule.computeIfAbsent(place.rule(), rule -> new LinkedHashMap<>()).put(place.path(), path);
    }
    List<Map.Entry<Path, String>> failed = new ArrayList<>();
    for (Map.Entry<Rule, Map<Path, Path>> entry : byRule.entrySet()) {
      Map<Path, Path> logical = entry.getValue();
      try {
        for (Map.Entry<Path, String> failure : of(entry.getKey()).bulkDelete(logical.keySet())) {
          Path path = logical.getOrDefault(failure.getKey(), failure.getKey());
          failed.add(Map.entry(path, failure.getValue()));
        }
      } catch (IOException error) {
        Rule rule = entry.getKey();
        throw Errors.named(error, basePath(), Where.of(layout.place(rule, top(rule))));
      }
    }
    return failed;
  }

  @Override
  public IOStatistics getIOStatistics() {
    return null;
  }

  @Override
  public void close() throws IOException {
    for (BulkDelete store : stores.values()) {
      store.close();
    }
  }
}
