package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.security.PrivilegedExceptionAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;

/** Routers are made for each call: what they leave behind, and whose their stores are. */
final class SessionsTest {
  private static final URI LAKE = URI.create("s3a://lake");

  private static Configuration conf(String prefix) {
    Configuration conf = new Configuration();
    conf.set("fs.s3a.impl", RouterFileSystem.class.getName());
    conf.setBoolean("fs.s3a.impl.disable.cache", true);
    for (String client : new String[] {"default", "east"}) {
      conf.set("fs.s3r.client." + client + ".endpoint", "http://127.0.0.1:1");
      conf.set("fs.s3r.client." + client + ".endpoint.region", "us-east-1");
      conf.set("fs.s3r.client." + client + ".access.key", "key");
      conf.set("fs.s3r.client." + client + ".secret.key", "secret");
    }
    conf.set("fs.s3r.options", "access.key,endpoint,endpoint.region,secret.key");
    conf.set("fs.s3a.input.stream.type", "classic"); // the other needs a library more
    conf.set("fs.s3r.profiles", "1");
    conf.set(
        "fs.s3r.routes",
        "name=east;source_bucket_pattern=lake;source_key_pattern=a/*;mapped_prefix=" + prefix);
    return conf;
  }

  private static FileSystem store(FileSystem router) throws IOException {
    return (FileSystem) router.getAdditionalTokenIssuers()[0];
  }

  /** The bytes in use, when nothing more can be collected. */
  private static long used() throws InterruptedException {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  @Test
  void aHundredThousandRoutersLeaveNothing() throws Exception {
    Configuration conf = conf("p");
    long before = 0;
    for (int count = 0; count < 101_000; count++) {
      if (count == 1_000) {
        before = used();
      }
      if (count % 100 == 0) {
        conf = conf("p" + count); // other routes, which are remembered for a while
      }
      assertTrue(FileSystem.get(LAKE, conf).getAdditionalTokenIssuers().length > 0);
    }
    long more = used() - before;
    assertTrue(more < 2_000_000, more + " bytes more are in use");
  }

  @Test
  void routersOfEqualSettingsHaveTheSameStores() throws Exception {
    FileSystem store = store(FileSystem.get(LAKE, conf("p")));
    assertSame(store, store(FileSystem.get(LAKE, conf("other"))), "of other profiles too");
    Configuration other = conf("p");
    other.set("fs.s3r.client.east.secret.key", "other");
    assertNotSame(store, store(FileSystem.get(LAKE, other)));
    store.close();
    assertNotSame(store, store(FileSystem.get(LAKE, conf("p"))));
  }

  @Test
  void aStoreIsOpenedForTheRoutersOwnUser() throws Exception {
    FileSystem router = FileSystem.get(LAKE, conf("p"));
    UserGroupInformation bob = UserGroupInformation.createRemoteUser("bob");
    PrivilegedExceptionAction<FileSystem> first = () -> store(router);
    StoreFileSystem store = (StoreFileSystem) bob.doAs(first);
    FileSystem.closeAllForUGI(bob);
    assertFalse(store.isClosed(), "bob used it, and it is not bob's");
    PrivilegedExceptionAction<FileSystem> of = () -> store(FileSystem.get(LAKE, conf("p")));
    StoreFileSystem own = (StoreFileSystem) bob.doAs(of);
    assertNotSame(store, own);
    FileSystem.closeAllForUGI(bob);
    assertTrue(own.isClosed());
  }
}
