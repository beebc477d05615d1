package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.alias.CredentialProvider;
import org.apache.hadoop.security.alias.CredentialProviderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's options, and what must not reach it. */
final class ClientSettingsTest {
  @Test
  void theClientWinsOverGlobalAndPerBucketOptions() throws IOException {
    Configuration conf = new Configuration(false);
    conf.set("fs.s3a.endpoint", "https://global");
    conf.set("fs.s3a.bucket.data.endpoint", "https://of-the-bucket");
    conf.set("fs.s3a.block.size", "8M");
    conf.set("fs.s3r.client.minio.endpoint", "https://minio");
    conf.set("fs.s3r.client.other.endpoint", "https://other");
    Configuration made = ClientSettings.forClient("minio", conf);
    assertEquals("https://minio", made.get("fs.s3a.endpoint"));
    assertNull(made.get("fs.s3a.bucket.data.endpoint"));
    assertEquals("8M", made.get("fs.s3a.block.size"));
    assertEquals("https://global", conf.get("fs.s3a.endpoint"), "the session's own stays");
  }

  @Test
  void secretsMayLieInTheSessionsCredentialStore(@TempDir Path folder) throws Exception {
    Configuration conf = new Configuration(false);
    String store = "localjceks://file" + folder.resolve("s3r.jceks");
    conf.set("hadoop.security.credential.provider.path", store);
    CredentialProvider provider = CredentialProviderFactory.getProviders(conf).get(0);
    provider.createCredentialEntry("fs.s3r.client.minio.secret.key", "hidden".toCharArray());
    provider.createCredentialEntry("fs.s3a.secret.key", "stray".toCharArray());
    provider.flush();
    conf.set("fs.s3a.security.credential.provider.path", store);
    conf.set("fs.s3r.client.minio.endpoint", "https://minio");
    Configuration made = ClientSettings.forClient("minio", conf);
    assertEquals("hidden", made.get("fs.s3a.secret.key"));
    assertEquals("hidden", new String(made.getPassword("fs.s3a.secret.key")));
    assertNull(made.get("hadoop.security.credential.provider.path"));
  }

  @Test
  void aClientWithoutOptionsIsNamed() {
    Exception error =
        assertThrows(
            IllegalArgumentException.class,
            () -> ClientSettings.forClient("minio", new Configuration(false)));
    assertTrue(error.getMessage().contains("'minio'"), error.getMessage());
  }

  @Test
  void aSchemeTellsClientsSettingsApart(@TempDir Path folder) throws Exception {
    Configuration conf = new Configuration(false);
    conf.set("fs.s3r.client.minio.endpoint", "https://minio");
    conf.set("fs.s3r.client.minio.secret.key", "hidden");
    String scheme = ClientSettings.scheme("minio", "data", conf);
    assertEquals("minio", ClientScheme.client(scheme));
    assertEquals("s3r-minio://b/x: no", ClientScheme.withoutDigests(scheme + "://b/x: no"));
    conf.set("fs.s3r.client.other.endpoint", "https://other");
    conf.set("fs.s3a.block.size", "8M");
    assertEquals(scheme, ClientSettings.scheme("minio", "data", conf), "nothing of the client's");
    assertNotEquals(scheme, ClientSettings.scheme("minio", "Data", conf), "another bucket");
    conf.set("fs.s3r.client.minio.fast.upload.buffer", "bytebuffer");
    String byHand = ClientSettings.scheme("minio", "data", conf);
    assertNotEquals(scheme, byHand, "an option that the routes don't have");
    conf.set("fs.s3r.client.minio.fast.upload.buffer", "array");
    assertNotEquals(byHand, ClientSettings.scheme("minio", "data", conf), "another value of it");
    conf.unset("fs.s3r.client.minio.fast.upload.buffer");
    assertEquals(scheme, ClientSettings.scheme("minio", "data", conf), "it is gone again");
    conf.set("fs.s3r.client.minio.secret.key", "other");
    assertNotEquals(scheme, ClientSettings.scheme("minio", "data", conf));
    String store = "localjceks://file" + folder.resolve("s3r.jceks");
    conf.set("hadoop.security.credential.provider.path", store);
    CredentialProvider provider = CredentialProviderFactory.getProviders(conf).get(0);
    provider.createCredentialEntry("fs.s3r.client.minio.secret.key", "hidden".toCharArray());
    provider.flush();
    conf.set("fs.s3a.security.credential.provider.path", store);
    assertEquals(scheme, ClientSettings.scheme("minio", "data", conf), "wherever they lie");
  }

  @ParameterizedTest
  @ValueSource(strings = {"minio", "s3_west", "Größe 2", "a+b", "x.y"})
  void anyNameMakesAScheme(String client) {
    String scheme = ClientScheme.of(client);
    assertEquals(scheme, URI.create(scheme + "://bucket/").getScheme());
    assertEquals(client, ClientScheme.client(scheme));
  }
}
