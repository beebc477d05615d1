package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked up is what trying rule after rule would find. */
final class RoutesTest {
  private static final String[] PARTS = {"a", "b", "ab", "a*", "*", "?", "[ab]", "*b"};
  private static final String[] NAMES = {"a", "b", "ab", "aa", "ba", "x"};

  private final Random random = new Random();

  private String joined(String[] parts, int most) {
    List<String> out = new ArrayList<>();
    for (int i = random.nextInt(most); i >= 0; i--) {
      out.add(parts[random.nextInt(parts.length)]);
    }
    return String.join("/", out);
  }

  private List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (int number = random.nextInt(6); number >= 0; number--) {
      boolean spark = random.nextInt(5) > 0;
      String pattern = joined(PARTS, 3) + (spark || random.nextBoolean() ? "/*" : "");
      String name = "p" + rules.size();
      rules.add(
          Rule.of(new Profile(name, name, "b", pattern, null, null, false, spark, false), "b"));
    }
    if (random.nextBoolean()) {
      rules.add(Rule.unmatched("b", false));
    }
    return rules;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void asOneByOne(long seed) {
    random.setSeed(seed);
    for (int turn = 0; turn < 100; turn++) {
      List<Rule> rules = rules();
      Routes routes = new Routes("b", rules);
      for (int i = 0; i < 20; i++) {
        String key = i == 0 ? "" : joined(NAMES, 4);
        String what = "'" + key + "' by " + rules.stream().map(Rule::head).toList();
        Name name = routes.name(key);
        Rule owner = owner(rules, key);
        assertSame(owner, name.folder(), what);
        assertEquals(parts(rules, key), routes.parts(key), what);
        for (Rule rule : rules) {
          assertEquals(routes.parts(key).contains(rule), routes.isPart(rule, key), what);
        }
        if (owner != null) {
          assertEquals(isUniform(rules, key), name.isUniform(), what);
          Rule file = first(rules, key);
          boolean isFile = file != null && file.spark;
          boolean isLiteral = file != owner && owner.head().equals(Routes.folder(key));
          assertSame(isFile && !isLiteral ? file : null, name.file(), what);
        }
      }
    }
  }

  private static Rule first(List<Rule> rules, String key) {
    return rules.stream().filter(rule -> rule.takes(key)).findFirst().orElse(null);
  }

  private static Rule owner(List<Rule> rules, String key) {
    for (Rule rule : rules) {
      boolean takes = rule.takes(Routes.folder(key));
      if (!rule.spark && (takes || rule.takes(key))) {
        return null;
      }
      if (takes) {
        return rule;
      }
    }
    return null;
  }

  private static List<Rule> parts(List<Rule> rules, String key) {
    String folder = Routes.folder(key);
    List<Rule> parts = new ArrayList<>();
    for (Rule rule : rules) {
      if (!rule.mayTakeBelow(folder)) {
        continue;
      }
      String within = rule.head().startsWith(folder) ? rule.head() : folder;
      List<Rule> earlier = rules.subList(0, rules.indexOf(rule));
      if (rule.spark && earlier.stream().noneMatch(other -> other.takesAllBelow(within))) {
        parts.add(rule);
      }
      if (rule.takesAllBelow(folder)) {
        break;
      }
    }
    return parts;
  }

  private static boolean isUniform(List<Rule> rules, String key) {
    String folder = Routes.folder(key);
    for (Rule rule : rules) {
      if (rule.mayTakeBelow(folder)) {
        return rule.spark && rule.takesAllBelow(folder);
      }
    }
    return false;
  }
}
