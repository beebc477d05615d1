"""S3A's options by Hadoop version: one table that settings are made from and checked with.

Names, versions and defaults are those of hadoop-aws itself (`org.apache.hadoop.fs.s3a.Constants`
and its like, and `core-default.xml`); the tests compare them with the released jars.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from s3r_spark.hadoop.versions import version_tuple

__all__ = ["OPTIONS", "Option", "ignored_per_bucket", "known", "short_name"]

Kind = Literal["text", "bool", "int", "size", "duration", "class", "path", "secret"]
"""Kinds of values in Hadoop. A size may end in K, M, G; a duration in ms, s, m, h, d."""


@dataclass(frozen=True)
class Option:
    """One option of S3A.

    Attributes:
        name: the key without its `fs.s3a.`; `*` at the end stands for any rest.
        kind: how Hadoop reads the value.
        default: what Hadoop 3.5.0 takes where nothing is said; None where that is nothing.
        since: the first release that reads it; "3.3.0" stands for all that this table covers.
        until: the first release that reads it no longer, or None.
    """

    name: str
    kind: Kind
    default: str | None = None
    since: str = "3.3.0"
    until: str | None = None


# fmt: off
OPTIONS: tuple[Option, ...] = (
    # where the service is
    Option("endpoint", "text"),  # host or URL of the service; nothing means AWS
    Option("endpoint.region", "text", since="3.3.2"),  # region that requests are signed for
    Option("endpoint.fips", "bool", "false", "3.4.0"),  # use the FIPS endpoint of the region
    Option("path.style.access", "bool", "false"),  # bucket in the path, not in the host name
    Option("connection.ssl.enabled", "bool", "true"),  # https where the endpoint names no scheme
    Option("cross.region.access.enabled", "bool", "true", "3.4.2"),  # follow a bucket to its region
    Option("accesspoint.arn", "text", since="3.3.2"),  # access point that stands for the bucket
    Option("accesspoint.required", "bool", "false", "3.3.2"),  # refuse buckets without access point
    Option("s3express.create.session", "bool", "true", "3.4.0"),  # log in by CreateSession
    Option("bucket.probe", "int", "0"),  # look for the bucket at start: 0 no, 1 or 2 yes
    Option("requester.pays.enabled", "bool", "false", "3.3.5"),  # agree to pay for requests

    # credentials
    Option("aws.credentials.provider", "class",  # providers of credentials, asked in this order
           "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider,"
           " org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider,"
           " software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider,"
           " org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider"),
    Option("aws.credentials.provider.mapping", "text", None, "3.4.0"),  # old=new names of providers
    Option("access.key", "secret"),  # access key
    Option("secret.key", "secret"),  # secret key
    Option("session.token", "secret"),  # token of temporary keys
    Option("security.credential.provider.path", "path"),  # credential stores that hold the secrets
    Option("auth.profile.name", "text", None, "3.4.2"),  # profile in the AWS credentials file
    Option("auth.profile.file", "path", None, "3.4.2"),  # AWS credentials file
    Option("assumed.role.arn", "text"),  # role to assume
    Option("assumed.role.external.id", "text", None, "3.4.1"),  # external ID the role asks for
    Option("assumed.role.session.name", "text"),  # name of the role's sessions
    Option("assumed.role.session.duration", "duration", "30m"),  # how long a session lasts
    Option("assumed.role.policy", "text"),  # JSON policy that narrows the role
    Option("assumed.role.sts.endpoint", "text"),  # host of the token service
    Option("assumed.role.sts.endpoint.region", "text"),  # region of the token service
    Option("assumed.role.credentials.provider", "class",  # providers that may assume the role
           "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"),
    Option("access.grants.enabled", "bool", "false", "3.5.0"),  # ask S3 Access Grants
    Option("access.grants.fallback.to.iam", "bool", "false", "3.5.0"),  # own role where no grant is
    Option("delegation.token.binding", "class"),  # delegation tokens

    # signing and headers
    Option("signing-algorithm", "text"),  # signer for every service
    Option("s3.signing-algorithm", "text"),  # signer for S3
    Option("sts.signing-algorithm", "text"),  # signer for the token service
    Option("custom.signers", "text"),  # signers by name: NAME:class[:initializer], …
    Option("http.signer.enabled", "bool", "false", "3.4.0"),  # sign by http.signer.class
    Option("http.signer.class", "class", None, "3.4.0"),  # signer of the HTTP layer
    Option("user.agent.prefix", "text"),  # words before the SDK's own User-Agent
    Option("client.s3.custom.headers", "text", None, "3.5.0"),  # headers for every S3 request
    Option("client.sts.custom.headers", "text", None, "3.5.0"),  # headers for token requests

    # what third-party services may not know
    Option("checksum.generation", "bool", "false", "3.4.3"),  # send SDK checksums with every upload
    Option("checksum.validation", "bool", "false", "3.4.0"),  # check SDK checksums of downloads
    Option("create.checksum.algorithm", "text", None, "3.4.2"),  # algorithm of upload checksums
    Option("request.md5.header", "bool", "true", "3.4.3"),  # send Content-MD5
    Option("create.conditional.enabled", "bool", "true",
           "3.4.2"),  # If-None-Match where a file is created
    Option("change.detection.mode", "text",
           "server"),  # file changed while read: server, client, warn, none
    Option("change.detection.source", "text",
           "etag"),  # what tells versions apart: etag or versionid
    Option("change.detection.version.required", "bool", "true"),  # fail where there is no such mark
    Option("multiobjectdelete.enable", "bool", "true"),  # delete many objects by one request
    Option("bulk.delete.page.size", "int", "250"),  # objects in such a request
    Option("list.version", "int", "2"),  # ListObjects 1 or 2
    Option("paging.maximum", "int", "5000"),  # names in a page of a listing
    Option("multipart.uploads.enabled", "bool", "true", "3.3.6"),  # multipart uploads and copies
    Option("connection.expect.continue", "bool", "true", "3.4.2"),  # Expect: 100-continue on PUT
    Option("etag.checksum.enabled", "bool", "false"),  # show ETags as file checksums

    # retries and timeouts
    Option("attempts.maximum", "int", "5"),  # tries of the SDK for one request
    Option("retry.limit", "int", "7"),  # retries of S3A around the SDK's
    Option("retry.interval", "duration", "500ms"),  # first pause between them, growing
    Option("retry.throttle.limit", "int", "20"),  # retries of a throttled request
    Option("retry.throttle.interval", "duration", "100ms"),  # first pause when throttled
    Option("retry.http.5xx.errors", "bool", "true", "3.4.1"),  # retry all HTTP 5xx
    Option("experimental.aws.s3.throttling", "bool", "true",
           until="3.4.0"),  # let the SDK retry throttling
    Option("connection.establish.timeout", "duration", "30s"),  # TCP and TLS handshake
    Option("connection.timeout", "duration", "200s"),  # silence on an open connection
    Option("connection.request.timeout", "duration", "60s"),  # one request, COPY included
    Option("connection.acquisition.timeout", "duration", "60s", "3.4.0"),  # wait for the pool
    Option("connection.part.upload.timeout", "duration", "15m", "3.4.1"),  # upload of one part
    Option("connection.idle.time", "duration", "60s", "3.4.0"),  # life of an idle connection
    Option("connection.ttl", "duration", "5m", "3.4.0"),  # life of any connection
    Option("connection.keepalive", "bool", "false", "3.4.0"),  # TCP keep-alive

    # pools and buffers
    Option("connection.maximum", "int", "500"),  # connections of one bucket
    Option("threads.max", "int", "96"),  # threads of one bucket
    Option("threads.keepalivetime", "duration", "60s"),  # life of an idle thread
    Option("max.total.tasks", "int", "32"),  # tasks that wait for a thread
    Option("executor.capacity", "int", "16"),  # tasks of one caller at a time
    Option("io.rate.limit", "int", "0", "3.4.1"),  # requests a second; 0 is no limit
    Option("socket.send.buffer", "int", "8192", until="3.4.0"),  # send buffer in bytes
    Option("socket.recv.buffer", "int", "8192", until="3.4.0"),  # receive buffer in bytes
    Option("buffer.dir", "path",  # local folders for blocks that wait to be uploaded
           "${env.LOCAL_DIRS:-${hadoop.tmp.dir}}/s3a"),

    # writing
    Option("block.size", "size", "32M"),  # block size that files claim to have
    Option("multipart.size", "size", "64M"),  # size of a part
    Option("multipart.threshold", "size", "128M"),  # file size from which copies go in parts
    Option("multipart.purge", "bool", "false"),  # abort old uploads at start
    Option("multipart.purge.age", "duration", "24h"),  # age from which an upload is old
    Option("fast.upload", "bool", "true"),  # once a choice; only a warning where it is false
    Option("fast.upload.buffer", "text", "disk"),  # where blocks wait: disk, array, bytebuffer
    Option("fast.upload.active.blocks", "int", "4"),  # blocks in flight of one file
    Option("acl.default", "text"),  # canned ACL of new objects
    Option("create.storage.class", "text", None, "3.3.5"),  # storage class of new objects
    Option("object.content.encoding", "text", None, "3.3.5"),  # Content-Encoding of new objects
    Option("create.performance", "bool", "false", "3.3.5"),  # create without looking first
    Option("performance.flags", "text", None, "3.4.1"),  # create, delete, mkdir, open, *
    Option("optimized.copy.from.local.enabled", "bool", "true", "3.4.0"),  # parallel local copy
    Option("downgrade.syncable.exceptions", "bool", "true", "3.3.1"),  # hflush warns, not fails
    Option("directory.marker.retention", "text", "keep", "3.3.1",
           "3.5.0"),  # keep or delete folder markers
    Option("directory.operations.purge.uploads", "bool", "false",
           "3.4.0"),  # folder deletes abort uploads

    # reading
    Option("input.stream.type", "text", "analytics",
           "3.4.2"),  # analytics, classic, prefetch, custom
    Option("input.stream.custom.factory", "class", None, "3.4.2"),  # stream of type custom
    Option("analytics.accelerator.*", "text", None, "3.4.2"),  # options of the analytics stream
    Option("experimental.input.fadvise", "text", "default"),  # normal, sequential, random, …
    Option("input.async.drain.threshold", "size", "16000", "3.3.5"),  # rest drained aside
    Option("readahead.range", "size", "64K"),  # bytes read ahead on a seek
    Option("prefetch.enabled", "bool", "false", "3.3.6"),  # prefetching stream
    Option("prefetch.block.size", "size", "8M", "3.3.6"),  # block that is fetched ahead
    Option("prefetch.block.count", "int", "8", "3.3.6"),  # blocks fetched ahead
    Option("prefetch.max.blocks.count", "int", "4", "3.4.0"),  # blocks kept on disk
    Option("vectored.read.min.seek.size", "size", "128K", "3.3.5"),  # gap that ranges merge over
    Option("vectored.read.max.merged.size", "size", "2M", "3.3.5"),  # largest merged range
    Option("vectored.active.ranged.reads", "int", "4", "3.3.5"),  # ranges in flight

    # encryption
    Option("encryption.algorithm", "text", since="3.3.2"),  # SSE-S3, SSE-KMS, SSE-C, CSE-KMS, …
    Option("encryption.key", "secret", since="3.3.2"),  # KMS key, or the key itself with SSE-C
    Option("encryption.context", "text", None, "3.5.0"),  # context of SSE-KMS, k=v, …
    Option("encryption.cse.kms.region", "text", None, "3.4.2"),  # region of the KMS key
    Option("encryption.cse.custom.keyring.class.name", "class", None,
           "3.4.2"),  # keyring of CSE-CUSTOM
    Option("encryption.cse.v1.compatibility.enabled", "bool", "false",
           "3.4.2"),  # read old CSE objects
    Option("server-side-encryption-algorithm", "text"),  # older name of encryption.algorithm
    Option("server-side-encryption.key", "secret"),  # older name of encryption.key
    Option("ssl.channel.mode", "text", "default_jsse"),  # TLS by Java or OpenSSL

    # proxy
    Option("proxy.host", "text"),  # host of the proxy
    Option("proxy.port", "int"),  # port of the proxy
    Option("proxy.ssl.enabled", "bool", "false", "3.3.5"),  # https to the proxy itself
    Option("proxy.username", "text"),  # user of the proxy
    Option("proxy.password", "secret"),  # password of the proxy
    Option("proxy.domain", "text"),  # NTLM domain
    Option("proxy.workstation", "text"),  # NTLM workstation

    # auditing and plumbing
    Option("audit.enabled", "bool", "true", "3.3.2"),  # audit spans
    Option("audit.referrer.enabled", "bool", "true", "3.3.2"),  # who and why in the Referer header
    Option("audit.referrer.filter", "text", None, "3.3.2"),  # fields left out of it
    Option("audit.reject.out.of.span.operations", "bool", "false", "3.3.2"),  # refuse without span
    Option("audit.service.classname", "class", None, "3.3.2"),  # auditor
    Option("audit.request.handlers", "class", None, "3.3.2"),  # handlers for SDK v1
    Option("audit.execution.interceptors", "class", None, "3.4.0"),  # interceptors for SDK v2
    Option("s3.client.factory.impl", "class"),  # factory of SDK clients
    Option("classloader.isolation", "bool", "true", "3.4.0"),  # load classes where S3A comes from

    # committers: a job's matter, but for the file system's part in the magic one
    Option("committer.magic.enabled", "bool", "true"),  # the bucket may be written magically
    Option("committer.name", "text", "file"),  # file, directory, partitioned, magic
    Option("committer.threads", "int", "8"),  # threads of a commit
    Option("committer.abort.pending.uploads", "bool", "true", "3.3.1"),  # abort what others left
    Option("committer.magic.track.commits.in.memory.enabled", "bool", "false",
           "3.4.1"),  # no .pending files
    Option("committer.magic.cleanup.enabled", "bool", "true", "3.4.2"),  # remove __magic folders
    Option("committer.staging.conflict-mode", "text", "append"),  # fail, append, replace
    Option("committer.staging.tmp.path", "path", "tmp/staging"),  # cluster folder of staging
    Option("committer.staging.unique-filenames", "bool", "true"),  # job ID in file names
    Option("committer.uuid", "text", None, "3.3.1"),  # ID of the job
    Option("committer.require.uuid", "bool", "false", "3.3.1"),  # fail without ID
    Option("committer.generate.uuid", "bool", "false", "3.3.1"),  # make an ID up
    Option("committer.summary.report.directory", "path", None, "3.3.5"),  # folder of reports

    # read before any bucket's own options are
    Option("impl", "class", "org.apache.hadoop.fs.s3a.S3AFileSystem"),  # class of the file system
    Option("impl.disable.cache", "bool", "false"),  # a new file system for every call
)
# fmt: on

_REASONS = (
    ("impl", "Hadoop picks a file system by scheme, and S3A skips it for a bucket"),
    ("impl.disable.cache", "Hadoop reads it before it knows the bucket"),
    ("bucket.*", "S3A skips names that begin with bucket."),
    ("ssl.channel.mode", "one socket factory serves the whole JVM: the first bucket decides"),
    (
        "committer.magic.track.commits.in.memory.enabled",
        "the job's committer would not see what the bucket keeps in memory, and lose it",
    ),
    ("committer.magic.enabled", None),
    ("committer.*", "a committer reads the configuration of the job, not of the bucket"),
)


def short_name(name: str) -> str:
    """A key without its `fs.s3a.` if it has one."""
    return name.removeprefix("fs.s3a.")


def known(name: str, version: str) -> Option | None:
    """Find what a Hadoop version takes an option for, or None where it would not read it.

    Args:
        name: with or without `fs.s3a.`.
        version: any Hadoop version; a release between two lines counts as what it is.

    Raises:
        SetupError: as `version_tuple` does.
    """
    numbers = version_tuple(version)
    for option in OPTIONS:
        if fnmatchcase(short_name(name), option.name):
            born = version_tuple(option.since) <= numbers
            gone = option.until is not None and version_tuple(option.until) <= numbers
            return option if born and not gone else None
    return None


def ignored_per_bucket(name: str) -> str | None:
    """The reason why an option must not be set for one bucket, or None where it may.

    Rules of `S3AUtils.propagateBucketOptions`, and of who reads an option from where.

    Args:
        name: with or without `fs.s3a.`, without the bucket.
    """
    for pattern, reason in _REASONS:
        if fnmatchcase(short_name(name), pattern):
            return reason
    return None
