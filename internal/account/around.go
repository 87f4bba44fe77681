package account

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// Caller is who asks: the account's number and the ARN of a user or a role's session.
type Caller struct{ Account, ARN string }

// Caller is whose credentials these are.
func (a *Account) Caller(ctx context.Context) (*Caller, error) {
	found, err := a.callers.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, Plain(err)
	}
	return &Caller{aws.ToString(found.Account), aws.ToString(found.Arn)}, nil
}

// Certificate is one of ACM's that is issued.
type Certificate struct {
	ARN   string
	Names []string // as it has them: *.example.com is one
	Until time.Time
}

// Certificates are the issued ones of the region.
func (a *Account) Certificates(ctx context.Context) ([]Certificate, error) {
	pages := acm.NewListCertificatesPaginator(a.certificates, &acm.ListCertificatesInput{
		CertificateStatuses: []acmtypes.CertificateStatus{acmtypes.CertificateStatusIssued},
		// Unasked, ACM leaves out all but RSA_1024 and RSA_2048 (ACM API Reference, "Filters").
		Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()},
	})
	arns, err := all(ctx, pages, func(p *acm.ListCertificatesOutput) []string {
		return each(p.CertificateSummaryList, func(c acmtypes.CertificateSummary) string { return aws.ToString(c.CertificateArn) })
	})
	if err != nil {
		return nil, err
	}
	var found []Certificate
	for _, arn := range arns { // the list has neither all names nor, of every one, when it ends
		said, err := a.certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		if err != nil {
			return nil, Plain(err)
		}
		c := said.Certificate
		names := c.SubjectAlternativeNames // the first name is among them, as a rule
		if first := aws.ToString(c.DomainName); !slices.Contains(names, first) {
			names = append([]string{first}, names...)
		}
		found = append(found, Certificate{arn, names, aws.ToTime(c.NotAfter)})
	}
	return found, nil
}

// Database is one of RDS's.
type Database struct {
	ID, Engine, VpcID string
	Port              int
	GroupIDs          []string
	// Public reports whether it has an address on the internet.
	Public bool
}

// Databases are all of the region.
func (a *Account) Databases(ctx context.Context) ([]Database, error) {
	pages := rds.NewDescribeDBInstancesPaginator(a.databases, &rds.DescribeDBInstancesInput{})
	return all(ctx, pages, func(p *rds.DescribeDBInstancesOutput) []Database { return each(p.DBInstances, newDatabase) })
}

func newDatabase(d rdstypes.DBInstance) Database {
	found := Database{ID: aws.ToString(d.DBInstanceIdentifier), Engine: aws.ToString(d.Engine), Public: aws.ToBool(d.PubliclyAccessible)}
	if d.DBSubnetGroup != nil {
		found.VpcID = aws.ToString(d.DBSubnetGroup.VpcId)
	}
	if d.Endpoint != nil {
		found.Port = whole(d.Endpoint.Port)
	}
	found.GroupIDs = each(d.VpcSecurityGroups, func(g rdstypes.VpcSecurityGroupMembership) string { return aws.ToString(g.VpcSecurityGroupId) })
	return found
}

// Rights are what an instance profile gives: the names of its role's policies, managed and of its own.
type Rights struct {
	Role     string
	Policies []string
}

// Rights are those of the instance profile of that ARN.
func (a *Account) Rights(ctx context.Context, profileARN string) (*Rights, error) {
	name := profileARN[strings.LastIndex(profileARN, "/")+1:]
	profile, err := a.profiles.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
	var gone *iamtypes.NoSuchEntityException
	if errors.As(err, &gone) { // deleted while the server has it still
		return &Rights{}, nil
	}
	if err != nil {
		return nil, Plain(err)
	}
	rights := &Rights{}
	for _, role := range profile.InstanceProfile.Roles { // there is one at most
		rights.Role = aws.ToString(role.RoleName)
	}
	if rights.Role == "" {
		return rights, nil
	}
	managed := iam.NewListAttachedRolePoliciesPaginator(a.profiles, &iam.ListAttachedRolePoliciesInput{RoleName: &rights.Role})
	attached, err := all(ctx, managed, func(p *iam.ListAttachedRolePoliciesOutput) []string {
		return each(p.AttachedPolicies, func(p iamtypes.AttachedPolicy) string { return aws.ToString(p.PolicyName) })
	})
	if err != nil {
		return nil, err
	}
	inline := iam.NewListRolePoliciesPaginator(a.profiles, &iam.ListRolePoliciesInput{RoleName: &rights.Role})
	own, err := all(ctx, inline, func(p *iam.ListRolePoliciesOutput) []string { return p.PolicyNames })
	rights.Policies = append(attached, own...)
	return rights, err
}

// StackOf is the name of the stack that holds what has that physical id, "" for none.
func (a *Account) StackOf(ctx context.Context, physicalID string) (string, error) {
	found, err := a.stacks.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{PhysicalResourceId: &physicalID})
	if absent(err) {
		return "", nil
	}
	if err != nil || len(found.StackResources) == 0 {
		return "", Plain(err)
	}
	return aws.ToString(found.StackResources[0].StackName), nil
}

// code is that of AWS's answer, "" where it has none.
func code(err error) string {
	var said smithy.APIError
	if errors.As(err, &said) {
		return said.ErrorCode()
	}
	return ""
}

// permission is how AWS names what whoever asks may not (IAM User Guide, "Troubleshoot access denied error messages").
var permission = regexp.MustCompile(`is not authorized to perform: ([a-zA-Z0-9-]+:[a-zA-Z0-9]+)`)

// Permission is the action that AWS says is missing, such as ec2:DescribeVolumes, "" where it does not say.
func Permission(err error) string {
	var said smithy.APIError
	if !errors.As(err, &said) {
		return ""
	}
	if found := permission.FindStringSubmatch(said.ErrorMessage()); found != nil {
		return found[1]
	}
	return ""
}

// Denied reports whether AWS refused because whoever asks may not: nothing is known of what was asked about.
func Denied(err error) bool {
	switch code(err) {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "NotAuthorized":
		return true
	}
	return false
}
