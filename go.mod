module github.com/korakagazindia/provisioner

go 1.25.0

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.270.0
	github.com/aws/constructs-go/constructs/v10 v10.6.0
	github.com/aws/jsii-runtime-go v1.139.0
)

require (
	github.com/agnivade/levenshtein v1.2.1 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
)
