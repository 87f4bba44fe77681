package config

import "fmt"

// UbuntuSerial is the release of Ubuntu 24.04 that runs when no image is given. It is dated, so that a deploy never
// replaces the server because Canonical published a newer one.
//
// Source: the image ubuntu-noble-24.04-amd64-server-20260714 in the output of DescribeImages for Canonical's account
// 099720109477, created 2026-07-14T11:54:28Z, printed in the README of github.com/evgeny-kor-m/miniproj-aws-terraform-ansible
// (eu-west-1). Not verified in other regions, nor that its parameter is still there: the warning image-not-pinned says so.
const UbuntuSerial = "20260714"

// UbuntuParameter is the public parameter that holds the id of that image. Its form is Canonical's, with a serial where
// "current" would move ("Finding Ubuntu images with the AWS SSM Parameter Store", Ubuntu Discourse, topic 15507).
func (c *Config) UbuntuParameter() string {
	architecture := map[string]string{"x86_64": "amd64", "arm64": "arm64"}[c.Architecture]
	return fmt.Sprintf("/aws/service/canonical/ubuntu/server/24.04/stable/%s/%s/hvm/ebs-gp3/ami-id", UbuntuSerial, architecture)
}
