package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Globs against all short texts. */
final class GlobTest {
  private static final String LETTERS = "ab/";
  private static final String[] PARTS = {"a", "b", "/", "*", "?", "[ab]", "[!a]", "[a-b]"};
  private static final int LONGEST = 6;

  private static List<String> texts() {
    List<String> out = new ArrayList<>(List.of(""));
    for (int i = 0; i < out.size() && out.get(i).length() < LONGEST; i++) {
      for (char letter : LETTERS.toCharArray()) {
        out.add(out.get(i) + letter);
      }
    }
    return out;
  }

  /** What a glob means, said in another way: by trying. */
  private static boolean matches(List<String> parts, String text) {
    if (parts.isEmpty()) {
      return text.isEmpty();
    }
    List<String> rest = parts.subList(1, parts.size());
    if (parts.get(0).equals("*")) {
      for (int i = 0; i <= text.length(); i++) {
        if (matches(rest, text.substring(i))) {
          return true;
        }
      }
      return false;
    }
    if (text.isEmpty()) {
      return false;
    }
    char first = text.charAt(0);
    boolean takes =
        switch (parts.get(0)) {
          case "?" -> true;
          case "[ab]", "[a-b]" -> first == 'a' || first == 'b';
          case "[!a]" -> first != 'a';
          default -> parts.get(0).charAt(0) == first;
        };
    return takes && matches(rest, text.substring(1));
  }

  @Test
  void aRunOfStarsIsOneStar() {
    assertEquals("x/*/y/*", new Glob("x/**/y/***").toString());
    assertEquals("[%-**-b]*", new Glob("[%-**-b]**").toString(), "a bracket stays as it is");
    assertEquals("[*/*", new Glob("[**/**").toString(), "a bracket that isn't closed");
  }

  @Test
  void aGlobTakesWhatItShould() {
    Random random = new Random(5);
    List<String> texts = texts();
    for (int round = 0; round < 150; round++) {
      List<String> parts = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        parts.add(PARTS[random.nextInt(PARTS.length)]);
      }
      Glob glob = new Glob(String.join("", parts));
      for (String text : texts) {
        assertEquals(matches(parts, text), glob.matches(text), glob + " on " + text);
        if (text.length() <= 2) { // what four parts can tell apart shows in four letters more
          List<String> below = texts.stream().filter(t -> t.startsWith(text)).toList();
          assertEquals(
              below.stream().anyMatch(glob::matches),
              glob.mayMatchBelow(text),
              glob + " below " + text);
          assertEquals(
              below.stream().allMatch(glob::matches) && glob.matches(text + "~~~~~~~"),
              glob.ownsAllBelow(text),
              glob + " all below " + text);
        }
      }
    }
  }

  @Test
  void foldersUntilAStarTakesTheRest() {
    assertEquals(0, new Glob("*").foldersToStar());
    assertEquals(0, new Glob("a/b/*").foldersToStar());
    assertEquals(0, new Glob("a/*/b/*").foldersToStar());
    assertEquals(1, new Glob("a/b*/*").foldersToStar());
    assertEquals(1, new Glob("a/[*/]*/*").foldersToStar());
    assertEquals(2, new Glob("a/?/b/*").foldersToStar());
    assertEquals(2, new Glob("?b/c*/d/*").foldersToStar());
  }
}
