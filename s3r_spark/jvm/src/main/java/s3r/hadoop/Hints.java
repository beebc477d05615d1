package s3r.hadoop;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to do about an error whose own words help nobody. */
final class Hints {
  /**
   * A hint.
   *
   * @param words of the error, or of what has caused it
   * @param says what it mostly means; {@code %1$s} is the client's name, {@code %2$s} the first
   *     group of the words
   */
  private record Hint(Pattern words, String says) {
    private static Hint of(String words, String says) {
      return new Hint(Pattern.compile(words), says);
    }
  }

  private static final List<Hint> HINTS =
      List.of(
          Hint.of(
              "Unsupported or unrecognized SSL message|WRONG_VERSION_NUMBER|plaintext connection",
              "the endpoint_url of client '%1$s' says https, and the port speaks http"),
          Hint.of(
              "HTTP request to an HTTPS|plain HTTP request was sent to HTTPS",
              "the endpoint_url of client '%1$s' says http, and the port speaks https"),
          Hint.of(
              "PKIX path|unable to find valid certification path|validity check failed",
              "this JVM doesn't trust the certificate: give driver and executors a trust store that"
                  + " has its CA (-Djavax.net.ssl.trustStore; see 'Trust a private CA')"),
          Hint.of(
              "No (?:subject alternative|name matching)|doesn't match any of the subject",
              "the certificate is for another name than the endpoint_url of client '%1$s' has"),
          Hint.of(
              "SignatureDoesNotMatch",
              "the secret_key of client '%1$s' is not its access_key's, or a proxy changes"
                  + " requests"),
          Hint.of("InvalidAccessKeyId", "the store doesn't know the access_key of client '%1$s'"),
          Hint.of(
              "Forbidden \\(Service: S3, Status Code: 403", // a HEAD, whose answer has no words
              "the store gives no reason: are the keys of client '%1$s' right, and may they do that?"),
          Hint.of("ExpiredToken", "the session token of client '%1$s' has run out"),
          Hint.of(
              "'sso(?:oidc)?' service module",
              "client '%1$s' has an AWS profile that logs in by SSO, for which this JVM lacks"
                  + " modules of the AWS SDK: add software.amazon.awssdk:sso and :ssooidc, of the"
                  + " SDK's version, to spark.jars.packages"),
          Hint.of(
              "SSO session associated|SSO Token|Sso(?:Oidc)?Exception",
              "the SSO login of client '%1$s' is over: run aws sso login on this machine"),
          Hint.of(
              "process-based credentials",
              "the credential_process of client '%1$s' fails on this machine: run it by hand"),
          Hint.of(
              "Service: Sts",
              "the token service gives client '%1$s' no keys: look at its role, and at who may take"
                  + " it"),
          Hint.of(
              "No AWS [Cc]redentials|NoAuthWithAWS|Unable to load credentials",
              "client '%1$s' has no keys on this machine: look at its credentials in the routes"),
          Hint.of(
              "expecting '([a-z0-9-]+)'",
              "the bucket is in region '%2$s': write it as the region of client '%1$s'"),
          Hint.of(
              "Status Code: 301|PermanentRedirect|AuthorizationHeaderMalformed",
              "the bucket is in another region, or at another address, than client '%1$s' says"));

  /** Where the endpoint is plain http; what answers is no S3 then. */
  private static final Hint OVER_HTTP =
      Hint.of(
          "Status Code: 400, Request ID: null|failed to respond",
          "the endpoint_url of client '%1$s' says http: does the port speak https?");

  private Hints() {}

  /**
   * What to add to an error.
   *
   * @return what begins with a colon; nothing where its own words will do
   */
  static String of(Throwable error, String client, String endpoint) {
    String said = words(error);
    List<Hint> hints = new ArrayList<>(HINTS);
    if (endpoint.startsWith("http:")) {
      hints.add(OVER_HTTP);
    }
    for (Hint hint : hints) {
      Matcher matcher = hint.words().matcher(said);
      if (matcher.find()) {
        String group = matcher.groupCount() > 0 ? matcher.group(1) : "";
        return ": " + String.format(hint.says(), client, group);
      }
    }
    return "";
  }

  private static String words(Throwable error) {
    StringBuilder words = new StringBuilder();
    int depth = 0;
    for (Throwable e = error; e != null && depth < 20; e = e.getCause(), depth++) {
      words.append(e).append('\n');
    }
    return words.toString();
  }
}
