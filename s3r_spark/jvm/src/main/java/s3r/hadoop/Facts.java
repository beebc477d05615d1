package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * What was found of one place, each fact a text as the query of a URL has it ({@code
 * check=list&ok=true&…}); {@code s3r_spark/diagnosis/facts.py} reads it and says it to people.
 */
final class Facts {
  private static final int DEPTH = 20;

  private final Map<String, String> about;
  private final List<String> texts;

  /** Gathers facts about something: its fields are a part of each. */
  Facts(Map<String, String> about, List<String> texts) {
    this.about = about;
    this.texts = texts;
  }

  void good(String check, String detail) {
    add(check, true, Map.of("detail", detail));
  }

  void bad(String check, String detail) {
    add(check, false, Map.of("detail", detail));
  }

  /** What was thrown: its type, its words, and what a store has answered. */
  void bad(String check, Throwable thrown) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("error", thrown.getClass().getSimpleName());
    fields.put("detail", ClientScheme.withoutDigests(String.valueOf(thrown.getMessage())));
    List<String> words = new ArrayList<>();
    int depth = 0;
    for (Throwable e = thrown; e != null && depth < DEPTH; e = e.getCause(), depth++) {
      words.add(e.toString());
      if (e instanceof AwsServiceException answer) {
        fields.put("status", Integer.toString(answer.statusCode()));
        if (answer.awsErrorDetails() != null) {
          fields.put("code", String.valueOf(answer.awsErrorDetails().errorCode()));
          fields.put("message", String.valueOf(answer.awsErrorDetails().errorMessage()));
        }
      }
    }
    fields.put("words", String.join("\n", words));
    add(check, false, fields);
  }

  private void add(String check, boolean ok, Map<String, String> more) {
    Map<String, String> fields = new LinkedHashMap<>(about);
    fields.put("check", check);
    fields.put("ok", Boolean.toString(ok));
    fields.putAll(more);
    StringJoiner text = new StringJoiner("&");
    fields.forEach((name, value) -> text.add(name + "=" + URLEncoder.encode(value, UTF_8)));
    synchronized (texts) {
      texts.add(text.toString());
    }
  }
}
