//! awsJson 1.1 and awsQuery: bytes to typed input and back. Pure.
