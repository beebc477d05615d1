package s3r.hadoop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** The way to a store, before any S3 is spoken, as this machine and its JVM have it. */
final class Way {
  private final String host;
  private final int port;
  private final boolean secure;
  private final int patience;
  private final Facts facts;

  /**
   * Looks at nothing yet.
   *
   * @param endpoint {@code http(s)://host[:port]}
   * @param patience milliseconds for one step
   */
  Way(URI endpoint, int patience, Facts facts) {
    this.host = endpoint.getHost();
    this.secure = "https".equals(endpoint.getScheme());
    this.port = endpoint.getPort() > 0 ? endpoint.getPort() : secure ? 443 : 80;
    this.patience = patience;
    this.facts = facts;
  }

  /** Whether the store can be asked: its name is known, somebody listens, and TLS is trusted. */
  boolean isOpen() {
    try {
      facts.good("name", InetAddress.getByName(host).getHostAddress());
    } catch (UnknownHostException unknown) {
      facts.bad("name", host);
      return false;
    }
    try {
      connected().close();
      facts.good("tcp", host + ":" + port);
    } catch (IOException error) {
      facts.bad("tcp", error);
      return false;
    }
    return secure ? isTrusted() : answersHttp();
  }

  private Socket connected() throws IOException {
    Socket socket = new Socket();
    try {
      socket.setSoTimeout(patience);
      socket.connect(new InetSocketAddress(host, port), patience);
      return socket;
    } catch (IOException error) {
      socket.close();
      throw error;
    }
  }

  private boolean isTrusted() {
    try {
      facts.good("tls", shake() + " days");
      return true;
    } catch (IOException | GeneralSecurityException error) {
      facts.bad("tls", error);
      return false;
    }
  }

  /** Shakes hands; the days that the certificate is good for. */
  private long shake() throws IOException, GeneralSecurityException {
    try (Socket plain = connected();
        SSLSocket socket =
            (SSLSocket)
                SSLContext.getDefault().getSocketFactory().createSocket(plain, host, port, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return Duration.between(Instant.now(), certificate.getNotAfter().toInstant()).toDays();
    }
  }

  /** Some close the connection on a request without TLS, some say 400, as S3 may, too. */
  private boolean answersHttp() {
    String status;
    try (Socket socket = connected()) {
      String request =
          "GET / HTTP/1.1\r\nHost: " + host + ":" + port + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      status =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
              .readLine();
    } catch (IOException error) {
      if (speaksTls()) {
        facts.bad("http", "tls");
      } else {
        facts.bad("http", error);
      }
      return false;
    }
    boolean isHttp = status != null && status.toUpperCase(Locale.ROOT).startsWith("HTTP/");
    if ((!isHttp || status.contains(" 400")) && speaksTls()) {
      facts.bad("http", "tls");
      return false;
    }
    if (isHttp) {
      facts.good("http", status);
    } else {
      facts.bad("http", "no http");
    }
    return isHttp;
  }

  private boolean speaksTls() {
    try {
      shake();
      return true;
    } catch (IOException | GeneralSecurityException error) {
      // Whose certificate it doesn't trust has one. What speaks no TLS is named so by Java.
      String words = String.valueOf(error.getMessage());
      return error instanceof SSLException
          && (words.contains("PKIX")
              || words.contains("alternative")
              || words.contains("name matching"));
    }
  }
}
