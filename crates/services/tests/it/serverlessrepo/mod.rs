//! The Serverless Application Repository.

mod create_cloud_formation_change_set;
mod get_application;
mod rest;
