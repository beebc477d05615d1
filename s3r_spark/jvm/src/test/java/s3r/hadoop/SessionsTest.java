package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;

/** Routers are made for each call: what they leave behind, and whose their stores are. */
final class SessionsTest {
  private static final URI LAKE = URI.create("s3a://lake");
  private static final Path A = new Path("s3a://lake/a/x");
  private static final Path B = new Path("s3a://lake/b");

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

  /** A new store of a client, whose settings before are nobody's any more. */
  private static StoreFileSystem replaced(StoreFileSystem before) throws Exception {
    Configuration conf = conf("p");
    conf.set("fs.s3r.client.east.secret.key", "of-" + System.nanoTime());
    StoreFileSystem now = (StoreFileSystem) store(FileSystem.get(LAKE, conf));
    assertNotSame(before, now);
    used();
    ReplacedStores.by(now, ReplacedStores.IDLE);
    assertFalse(before.isClosed(), "it was in use a moment ago");
    ReplacedStores.by(now, Duration.ZERO);
    assertFalse(now.isClosed());
    return now;
  }

  @Test
  void storesOfSettingsThatNobodyHasAnyMoreAreClosed() throws Exception {
    StoreFileSystem of = (StoreFileSystem) store(FileSystem.get(LAKE, conf("p")));
    StoreFileSystem others = ((RouterFileSystem) FileSystem.get(LAKE, conf("p"))).place(B).fs();
    StoreFileSystem now = replaced(of);
    assertTrue(of.isClosed());
    assertFalse(others.isClosed(), "it is another client's, whose settings are the same");
    StoreFileSystem again = (StoreFileSystem) store(FileSystem.get(LAKE, conf("p")));
    assertNotSame(of, again);
    replaced(again);
    assertTrue(now.isClosed());
  }

  @Test
  void whatCanStillUseAStoreKeepsItOpen() throws Exception {
    FileSystem router = FileSystem.get(LAKE, conf("p"));
    StoreFileSystem store = (StoreFileSystem) store(router);
    replaced(store);
    assertFalse(store.isClosed(), "a router has it");
    Place place = ((RouterFileSystem) router).place(A);
    assertSame(store, place.fs());
    router = null;
    replaced(store);
    assertFalse(store.isClosed(), "a stream, a listing or a committer has its place");
    Reference.reachabilityFence(place);
    place = null;
    WeakReference<FileSystem> marker = new WeakReference<>(FileSystem.get(LAKE, conf("p")));
    assertTrue(marker.get().deleteOnExit(A));
    replaced(store);
    assertFalse(store.isClosed(), "a file there is to be deleted on exit");
    assertTrue(marker.get().cancelDeleteOnExit(A));
    replaced(store);
    assertTrue(store.isClosed());
  }
}
