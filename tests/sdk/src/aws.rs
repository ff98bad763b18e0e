use crate::Server;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

/// AWS's own clients.
pub struct Aws {
    /// What the clients share: for a client of another Region, or another library's.
    pub config: SdkConfig,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// STS.
    pub sts: aws_sdk_sts::Client,
}

impl Aws {
    /// Clients configured by nothing but the files that `server` wrote. They trust its authority
    /// and no other, which AWS's Rust library does not read from the profile.
    pub(crate) async fn of(server: &Server) -> Self {
        let folder = server.data_dir().join("aws");
        let files = EnvConfigFiles::builder()
            .with_file(EnvConfigFileKind::Config, folder.join("config"))
            .with_file(EnvConfigFileKind::Credentials, folder.join("credentials"))
            .build();
        let credentials = ProfileFileCredentialsProvider::builder()
            .profile_files(files.clone())
            .build();
        let trust = TrustStore::empty().with_pem_certificate(server.authority());
        let tls = TlsContext::builder()
            .with_trust_store(trust)
            .build()
            .expect("TLS is set up");
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls)
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .profile_files(files)
            .credentials_provider(credentials)
            .http_client(http)
            .load()
            .await;
        Self::with(config)
    }

    /// The same clients in another Region.
    pub fn in_region(&self, region: &'static str) -> Self {
        Self::with(self.config.to_builder().region(Region::new(region)).build())
    }

    /// The same clients as the holder of other keys, of a session if there is a token.
    pub fn with_keys(&self, id: &str, secret: &str, token: Option<&str>) -> Self {
        let keys = Credentials::new(id, secret, token.map(str::to_owned), None, "test");
        let keys = SharedCredentialsProvider::new(keys);
        Self::with(self.config.to_builder().credentials_provider(keys).build())
    }

    fn with(config: SdkConfig) -> Self {
        Self {
            iam: aws_sdk_iam::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            config,
        }
    }
}
