package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/golden"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// with is the valid baseline with one change a case.
func with(changes map[string]any) map[string]any {
	context := map[string]any{"stage": "horizontal", "keepServer": "single"}
	maps.Copy(context, changes)
	return context
}

func TestDefaults(t *testing.T) {
	got, err := config.FromContext(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Stage != stage.Single || got.Name != "kora-backend" || got.SingleInstanceType != "t2.micro" || got.Port != 3001 ||
		got.MinCapacity != 2 || got.MaxCapacity != 5 || got.ScaleOutCPUPercent != 70 || got.ScaleInCPUPercent != 30 ||
		got.CooldownSeconds != 300 || !got.KeepElasticIP || got.TerminationProtection || got.Validate {
		t.Errorf("defaults = %+v", got)
	}
	if diff := cmp.Diff(got.AvailabilityZones, []string{"ap-south-1a", "ap-south-1b"}); diff != "" {
		t.Errorf("zones (-got +want):\n%s", diff)
	}
	if got.HighCPUAlarmName != "kora-backend-high-cpu" || got.LowHealthyHostsAlarmName != "kora-backend-low-healthy-hosts" {
		t.Errorf("alarm names = %q, %q", got.HighCPUAlarmName, got.LowHealthyHostsAlarmName)
	}
}

func TestEveryDefaultIsAllowed(t *testing.T) {
	for _, key := range config.Keys() {
		if _, err := config.FromContext(map[string]any{key.Name: key.Default}); err != nil {
			t.Errorf("%s = %q: %v", key.Name, key.Default, err)
		}
	}
}

// A value means the same from cdk.json and from -c, which makes a string of everything.
func TestJSONAndStringForms(t *testing.T) {
	network := map[string]any{
		"imageId": "ami-01234561",
		"vpcId":   "vpc-0123456789abcdef0", "publicSubnetIds": "subnet-0123456789abcdef0, subnet-0123456789abcdef1",
		"availabilityZones": "ap-south-1a,ap-south-1b",
	}
	forms := map[string]struct{ json, text any }{
		"minCapacity":                {float64(3), "3"},
		"stage":                      {float64(2), "2"},
		"redirectHttp":               {false, "false"},
		"publicPorts":                {[]any{float64(80), float64(8443)}, "80, 8443"},
		"availabilityZones":          {[]any{"ap-south-1b", "ap-south-1a"}, `["ap-south-1b","ap-south-1a"]`},
		"additionalSecurityGroupIds": {[]any{"sg-0123456789abcdef0"}, "sg-0123456789abcdef0"},
		"gitRef":                     {float64(20261124), "20261124"},
		"domainName":                 {nil, ""},
		"logRetentionDays":           {float64(90), "90"},
	}
	for key, form := range forms {
		t.Run(key, func(t *testing.T) {
			read := func(value any) *config.Config {
				context := with(network)
				context[key] = value
				c, err := config.FromContext(context)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			if diff := cmp.Diff(read(form.json), read(form.text), cmp.AllowUnexported(config.Config{})); diff != "" {
				t.Errorf("JSON and string form differ (-json +string):\n%s", diff)
			}
		})
	}
}

// ports are so many.
func ports(count int) (list []any) {
	for port := range count {
		list = append(list, float64(1000+port))
	}
	return list
}

func TestFaults(t *testing.T) {
	vpc := map[string]any{"vpcId": "vpc-0123456789abcdef0"}
	subnets := []any{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}
	zones := []any{"ap-south-1a", "ap-south-1b"}
	and := func(base map[string]any, more map[string]any) map[string]any {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	const arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
	cases := map[string]struct {
		changes map[string]any
		key     string   // the key that must be named
		saying  []string // what must be said
	}{
		"min above max":                      {map[string]any{"minCapacity": 6}, "minCapacity", []string{"6", "maxCapacity", "5"}},
		"max below one":                      {map[string]any{"maxCapacity": 0}, "maxCapacity", []string{"0", "from 1 to 100"}},
		"scale-in near scale-out":            {map[string]any{"scaleInCpuPercent": 51}, "scaleInCpuPercent", []string{"51", "20 points", "70"}},
		"port zero":                          {map[string]any{"port": "0"}, "port", []string{`"0"`, "1 to 65534"}},
		"port too high":                      {map[string]any{"databasePort": 65536}, "databasePort", []string{"65536"}},
		"public port too high":               {map[string]any{"publicPorts": "80,70000"}, "publicPorts", []string{"80,70000"}},
		"public port twice":                  {map[string]any{"publicPorts": "80,80"}, "publicPorts", []string{"none twice"}},
		"more ports than a group has rules":  {map[string]any{"publicPorts": ports(60)}, "publicPorts", []string{"59"}},
		"no port for a trial":                {map[string]any{"port": 65535}, "port", []string{"65534"}},
		"a balancer named internal-":         {map[string]any{"name": "internal"}, "name", []string{"internal-"}},
		"documents named Amazon":             {map[string]any{"name": "amazon-shop"}, "name", []string{"amazon"}},
		"documents named Amzn, in two words": {map[string]any{"name": "am-zn"}, "name", []string{"amzn"}},
		"a bucket named sthree-":             {map[string]any{"name": "s-three"}, "name", []string{"reserves"}},
		"groups named sg-":                   {map[string]any{"name": "sg"}, "name", []string{"reserves"}},
		"a file of the machine":              {map[string]any{"name": "profile"}, "name", []string{"Ubuntu"}},
		"a domain that ACM refuses":          {map[string]any{"domainName": "a.b"}, "domainName", []string{"a domain name"}},
		"an address without a domain":        {map[string]any{"alarmEmail": "ops@localhost"}, "alarmEmail", []string{"ops@example.com"}},
		"an address by number":               {map[string]any{"alarmEmail": "ops@[127.0.0.1]"}, "alarmEmail", []string{"ops@example.com"}},
		"an address in UTF-8":                {map[string]any{"alarmEmail": "öps@example.com"}, "alarmEmail", []string{"ops@example.com"}},
		"a path that curl expands":           {map[string]any{"healthCheckPath": "/health?of[]=all"}, "healthCheckPath", []string{"URL"}},
		"a fragment":                         {map[string]any{"healthCheckPath": "/health#all"}, "healthCheckPath", []string{"URL"}},
		"a folder in itself":                 {map[string]any{"appDirectory": "/srv/app/"}, "appDirectory", []string{"slash at the end"}},
		"a folder in UTF-8":                  {map[string]any{"appDirectory": "/srv/äpp"}, "appDirectory", []string{"ASCII"}},
		"a branch in UTF-8":                  {map[string]any{"gitRepository": "https://example.com/k.git", "gitRef": "größer"}, "gitRef", []string{"ASCII"}},
		"a parameter too deep":               {map[string]any{"gitCredentialsParameter": "/kora-backend" + strings.Repeat("/a", 15)}, "gitCredentialsParameter", []string{"15 levels"}},
		"more than a parameter holds":        {map[string]any{"appDirectory": "/" + strings.Repeat("'", 900)}, "appDirectory", []string{"2,500", "gitRef"}},
		"SSH for everyone":                   {map[string]any{"publicPorts": "80,22,443"}, "publicPorts", []string{"[80,22,443]", "sshCidr"}},
		"percentage above 100":               {map[string]any{"fleetTrafficPercent": 101}, "fleetTrafficPercent", []string{"0 to 100"}},
		"percentage below 0":                 {map[string]any{"scaleOutCpuPercent": -1}, "scaleOutCpuPercent", []string{"-1"}},
		"number with a fraction":             {map[string]any{"minCapacity": 2.5}, "minCapacity", []string{"2.5", "whole number"}},
		"number with a plus":                 {map[string]any{"minCapacity": "+2"}, "minCapacity", []string{"+2"}},
		"vpc without subnets":                {and(vpc, map[string]any{"availabilityZones": zones}), "publicSubnetIds", []string{"not set", "two subnets"}},
		"vpc without zones":                  {and(vpc, map[string]any{"publicSubnetIds": subnets}), "availabilityZones", []string{"zone of each"}},
		"vpc with fewer zones":               {and(vpc, map[string]any{"publicSubnetIds": append(subnets, "subnet-0123456789abcdef2"), "availabilityZones": zones}), "availabilityZones", []string{"3 publicSubnetIds"}},
		"subnet twice":                       {and(vpc, map[string]any{"publicSubnetIds": []any{subnets[0], subnets[0]}, "availabilityZones": zones}), "publicSubnetIds", []string{"none twice"}},
		"one subnet":                         {and(vpc, map[string]any{"publicSubnetIds": subnets[:1], "availabilityZones": zones[:1]}), "publicSubnetIds", []string{"two subnets"}},
		"zone twice":                         {map[string]any{"availabilityZones": "ap-south-1a,ap-south-1a"}, "availabilityZones", []string{"none twice"}},
		"zone of another region":             {map[string]any{"availabilityZones": "eu-west-1a,eu-west-1b"}, "availabilityZones", []string{"ap-south-1"}},
		"zones of another region, unsaid": {map[string]any{"region": "eu-north-1", "fleetInstanceType": "t3.micro"}, "availabilityZones", []string{"not set",
			"aws ec2 describe-availability-zones --region eu-north-1", "aws ec2 describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=t2.micro,t2.small,t3.micro --region eu-north-1"}},
		"region of China":                   {map[string]any{"region": "cn-north-1"}, "region", []string{"cn-north-1", "public partition"}},
		"region of GovCloud":                {map[string]any{"region": "us-gov-west-1"}, "region", []string{"us-gov-west-1", "GovCloud"}},
		"region of ISO":                     {map[string]any{"region": "us-iso-east-1"}, "region", []string{"ISO"}},
		"region of ISOB":                    {map[string]any{"region": "us-isob-east-1"}, "region", []string{"ISO"}},
		"region of ISOE":                    {map[string]any{"region": "eu-isoe-west-1"}, "region", []string{"ISO"}},
		"region of the sovereign cloud":     {map[string]any{"region": "eusc-de-east-1"}, "region", []string{"Sovereign"}},
		"zone of another partition":         {map[string]any{"availabilityZones": "cn-north-1a,cn-north-1b"}, "availabilityZones", []string{"cn-north-1a"}},
		"certificate of another partition":  {map[string]any{"certificateArn": "arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc"}, "certificateArn", []string{"arn:aws:acm:"}},
		"name too long for a certificate":   {map[string]any{"domainName": strings.Repeat("a", 53) + ".example.com"}, "domainName", []string{"64", "certificateArn"}},
		"name too long for DNS":             {map[string]any{"stage": "single", "domainName": strings.Repeat("a.", 121) + "example.info"}, "domainName", []string{"a domain name"}},
		"three zones for a new VPC":         {map[string]any{"availabilityZones": "ap-south-1a,ap-south-1b,ap-south-1c"}, "availabilityZones", []string{"exactly two"}},
		"subnets without vpc":               {map[string]any{"publicSubnetIds": subnets}, "publicSubnetIds", []string{"vpcId"}},
		"database group without vpc":        {map[string]any{"databaseSecurityGroupId": "sg-0123456789abcdef0"}, "databaseSecurityGroupId", []string{"vpcId"}},
		"arm64 type, x86_64":                {map[string]any{"fleetInstanceType": "t4g.micro"}, "fleetInstanceType", []string{"t4g.micro", "architecture=x86_64", "arm64"}},
		"x86_64 type, arm64":                {map[string]any{"architecture": "arm64", "singleInstanceType": "t4g.micro", "verticalInstanceType": "c7gn.medium"}, "fleetInstanceType", []string{"t2.micro", "architecture=arm64"}},
		"horizontal without keepServer":     {map[string]any{"keepServer": ""}, "keepServer", []string{"not set", "single", "vertical", "none"}},
		"traffic without a server":          {map[string]any{"keepServer": "none", "fleetTrafficPercent": 10}, "fleetTrafficPercent", []string{"10", "100"}},
		"record at no server":               {map[string]any{"keepServer": "none", "dnsTarget": "server"}, "dnsTarget", []string{"balancer"}},
		"address given up, server kept":     {map[string]any{"keepElasticIp": "false"}, "keepElasticIp", []string{"server is in the stack"}},
		"address given up, single":          {map[string]any{"keepElasticIp": "false", "stage": "single", "keepServer": "none"}, "keepElasticIp", []string{"server is in the stack"}},
		"repository without revision":       {map[string]any{"gitRepository": "https://example.com/kora.git"}, "gitRef", []string{"not set", "gitRepository"}},
		"credentials elsewhere":             {map[string]any{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0", "gitCredentialsParameter": "/other/token"}, "gitCredentialsParameter", []string{"/kora-backend/"}},
		"token in the repository's URL":     {map[string]any{"gitRepository": "https://s3cret@example.com/k.git", "gitRef": "v1.0.0"}, "gitRepository", []string{`"https://...@example.com/k.git"`, "gitCredentialsParameter"}},
		"password in the repository's URL":  {map[string]any{"gitRepository": "HTTP://me:s3cr@t@example.com:8080/k.git", "gitRef": "v1.0.0"}, "gitRepository", []string{`"HTTP://...@example.com:8080/k.git"`}},
		"password for SSH":                  {map[string]any{"gitRepository": "ssh://git:s3cret@example.com/k.git", "gitRef": "v1.0.0"}, "gitRepository", []string{`"ssh://...@example.com/k.git"`}},
		"certificate of another region":     {map[string]any{"certificateArn": arn}, "certificateArn", []string{"ap-south-1"}},
		"grace as short as the interval":    {map[string]any{"healthCheckGraceSeconds": 60, "healthCheckIntervalSeconds": 60}, "healthCheckGraceSeconds", []string{"60", "healthCheckIntervalSeconds"}},
		"allocation without address":        {map[string]any{"elasticIpAllocationId": "eipalloc-0123456789abcdef0", "imageId": "ami-0123456789abcdef0"}, "elasticIpAllocationId", []string{"elasticIpAddress"}},
		"live address, empty server":        {map[string]any{"elasticIpAllocationId": "eipalloc-0123456789abcdef0", "elasticIpAddress": "13.233.176.103"}, "elasticIpAllocationId", []string{"empty server"}},
		"name too long":                     {map[string]any{"name": strings.Repeat("a", 25)}, "name", []string{"1 to 24"}},
		"name with an underscore":           {map[string]any{"name": "kora_backend"}, "name", []string{"hyphens"}},
		"name in front of internal":         {map[string]any{"name": "internal-kora"}, "name", []string{"internal-"}},
		"name reserved for parameters":      {map[string]any{"name": "ssm-kora"}, "name", []string{"ssm"}},
		"image id":                          {map[string]any{"imageId": "ami-xyz"}, "imageId", []string{"ami-xyz", "ami-0123456789abcdef0"}},
		"allocation id":                     {map[string]any{"elasticIpAllocationId": "13.233.176.103"}, "elasticIpAllocationId", []string{"eipalloc-"}},
		"certificate ARN":                   {map[string]any{"certificateArn": "arn:aws:acm"}, "certificateArn", []string{"arn:aws:acm:ap-south-1"}},
		"CIDR without a length":             {map[string]any{"sshCidr": "203.0.113.7"}, "sshCidr", []string{"203.0.113.7/32"}},
		"CIDR with host bits":               {map[string]any{"sshCidr": "203.0.113.7/24"}, "sshCidr", []string{"CIDR"}},
		"SSH from everywhere":               {map[string]any{"sshCidr": "0.0.0.0/0"}, "sshCidr", []string{"internet"}},
		"IPv6 address":                      {map[string]any{"elasticIpAddress": "::1"}, "elasticIpAddress", []string{"IPv4"}},
		"root as the app's user":            {map[string]any{"appUser": "root"}, "appUser", []string{"other than root"}},
		"revision that is an option":        {map[string]any{"gitRef": "--upload-pack=x"}, "gitRef", []string{"commit"}},
		"reference that AWS would resolve":  {map[string]any{"appDirectory": "/{{resolve:ssm:/x}}"}, "appDirectory", []string{"{{"}},
		"revision of nothing":               {map[string]any{"gitRef": "v1.0.0"}, "gitRef", []string{"gitRepository", "imageId"}},
		"variable of Fn::Sub":               {map[string]any{"appDirectory": "/${HOME}"}, "appDirectory", []string{"${"}},
		"token of the CDK":                  {map[string]any{"gitRef": "${Token[TOKEN.1]}"}, "gitRef", []string{"${Token["}},
		"line break in a directory":         {map[string]any{"appDirectory": "/a\nb"}, "appDirectory", []string{"absolute"}},
		"retention that CloudWatch has not": {map[string]any{"logRetentionDays": 31}, "logRetentionDays", []string{"31", "30"}},
		"record outside the zone":           {map[string]any{"domainName": "server.example.com", "hostedZoneName": "ample.com"}, "domainName", []string{"ample.com"}},
		"zone id without a record":          {map[string]any{"hostedZoneId": "Z0123456789"}, "hostedZoneId", []string{"domainName"}},
		"a build of nothing":                {map[string]any{"buildCommand": "make", "imageId": "ami-01234561"}, "buildCommand", []string{"make", "gitRef"}},
		"repository beside the app":         {map[string]any{"appDirectory": "/srv/kora", "repositoryDirectory": "/srv/ko"}, "repositoryDirectory", []string{"/srv/kora", "above"}},
		"credentials without a repository":  {map[string]any{"gitCredentialsParameter": "/kora-backend/token"}, "gitCredentialsParameter", []string{"gitRepository"}},
		"groups without their vpc":          {map[string]any{"additionalSecurityGroupIds": "sg-0123456789abcdef0"}, "additionalSecurityGroupIds", []string{"vpcId"}},
		"group twice": {and(vpc, map[string]any{"publicSubnetIds": subnets, "availabilityZones": zones,
			"additionalSecurityGroupIds": "sg-01234561,sg-01234562,sg-01234561"}), "additionalSecurityGroupIds", []string{"none twice"}},
		"grace beyond an hour's pause": {map[string]any{"healthCheckGraceSeconds": 3421}, "healthCheckGraceSeconds", []string{"60 to 3420"}},
		"more groups than AWS allows": {and(vpc, map[string]any{"publicSubnetIds": subnets, "availabilityZones": zones,
			"additionalSecurityGroupIds": "sg-01234561,sg-01234562,sg-01234563,sg-01234564"}), "additionalSecurityGroupIds", []string{"at most 3"}},
		"zone without a record":              {map[string]any{"hostedZoneName": "example.com"}, "hostedZoneName", []string{"domainName"}},
		"two alarms of one name":             {map[string]any{"highCpuAlarmName": "a", "lowHealthyHostsAlarmName": "a"}, "lowHealthyHostsAlarmName", []string{"refuses", "highCpuAlarmName"}},
		"tracking requests without a target": {map[string]any{"scalingPolicy": "targetTracking", "targetTrackingMetric": "requests"}, "targetRequestsPerMinute", []string{"not set"}},
		"unknown stage":                      {map[string]any{"stage": "horizontl"}, "stage", []string{"horizontl", "single (1)", "nearest is horizontal"}},
		"unknown choice":                     {map[string]any{"sessions": "reddis"}, "sessions", []string{"sticky, redis, none", "nearest is redis"}},
		"unknown key":                        {map[string]any{"minCapcity": 1}, "minCapcity", []string{"no such key", "minCapacity"}},
		"key with dashes":                    {map[string]any{"keep-server": "none"}, "keep-server", []string{"keepServer"}},
		"list in place of a number":          {map[string]any{"port": []any{1.0}}, "port", []string{"[1]"}},
		"object in place of a text":          {map[string]any{"name": map[string]any{"a": 1.0}}, "name", []string{`{"a":1}`}},
		"broken JSON list":                   {map[string]any{"publicPorts": "[80"}, "publicPorts", []string{"[80"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for key, value := range tc.changes {
				if n, ok := value.(int); ok {
					tc.changes[key] = float64(n)
				}
			}
			_, err := config.FromContext(with(tc.changes))
			if err == nil {
				t.Fatal("no error")
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != 1 {
				t.Errorf("got %d lines, want 1:\n%v", len(lines), err)
			}
			if !strings.HasPrefix(err.Error(), "context key "+tc.key) {
				t.Errorf("got %q, want key %s", err, tc.key)
			}
			if strings.Contains(err.Error(), "s3cr") {
				t.Errorf("a secret is shown: %q", err)
			}
			for _, word := range tc.saying {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("got %q, want it to say %q", err, word)
				}
			}
		})
	}
}

// What is just inside of a limit is allowed.
func TestNearMisses(t *testing.T) {
	cases := map[string]map[string]any{
		"scale-in 20 points below":      {"scaleInCpuPercent": "50"},
		"zones of another region":       {"region": "eu-north-1", "availabilityZones": "eu-north-1b,eu-north-1c"},
		"zones of another VPC":          {"region": "mx-central-1", "vpcId": "vpc-01234567", "publicSubnetIds": "subnet-01234561,subnet-01234562", "availabilityZones": "mx-central-1b,mx-central-1c"},
		"longest name of a certificate": {"domainName": strings.Repeat("a", 52) + ".example.com"},
		"longer name, its certificate":  {"domainName": strings.Repeat("a", 53) + ".example.com", "certificateArn": "arn:aws:acm:ap-south-1:123456789012:certificate/abc"},
		"longer name of a server":       {"stage": "single", "domainName": strings.Repeat("a", 53) + ".example.com"},
		"longest name of DNS":           {"stage": "single", "domainName": strings.Repeat("a.", 121) + "example.com"},
		"longest grace":                 {"healthCheckGraceSeconds": "3420"},
		"min = max":                     {"minCapacity": "5"},
		"grace a second longer":         {"healthCheckGraceSeconds": "61", "healthCheckIntervalSeconds": "60"},
		"three additional groups":       {"vpcId": "vpc-01234567", "publicSubnetIds": "subnet-01234561,subnet-01234562", "availabilityZones": "ap-south-1a,ap-south-1b", "additionalSecurityGroupIds": "sg-01234561,sg-01234562,sg-01234563"},
		"address given up, server gone": {"keepServer": "none", "keepElasticIp": "false"},
		"record in a zone of its name":  {"domainName": "example.com", "hostedZoneName": "example.com"},
		"tracking CPU without requests": {"scalingPolicy": "targetTracking"},
		"requests without tracking":     {"targetTrackingMetric": "requests"},
		"revision of the fleet's image": {"keepServer": "none", "fleetImageId": "ami-01234561", "gitRef": "v1.0.0"},
		"longest name of the backend":   {"name": strings.Repeat("a", 24)},
		"user of a repository by SSH":   {"gitRepository": "ssh://git@example.com/k.git", "gitRef": "v1.0.0"},
		"repository by SSH in short":    {"gitRepository": "git@example.com:k.git", "gitRef": "v1.0.0"},
		"repository of a scope":         {"gitRepository": "https://example.com/@scope/k.git", "gitRef": "v1.0.0"},
		"repository in a file":          {"gitRepository": "file:///srv/k:@.git", "gitRef": "v1.0.0"},
		"port beside that of SSH":       {"publicPorts": "80,2222"},
		"app in its repository":         {"appDirectory": "/srv/kora/Backend", "repositoryDirectory": "/srv/kora"},
		"app that is its repository":    {"appDirectory": "/srv/kora", "repositoryDirectory": "/srv/kora"},
		"credentials of a repository":   {"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0", "gitCredentialsParameter": "/kora-backend/token"},
		"foreign keys":                  {"@aws-cdk/core:x": true, "aws:cdk:y": 1.0, "acknowledged-issue-numbers": []any{1.0}, "cli-telemetry": false},
	}
	for name, changes := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := config.FromContext(with(changes)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFleetImageFollowsTheServers(t *testing.T) {
	for _, tc := range []struct{ image, fleet, want string }{
		{"ami-01234561", "", "ami-01234561"},
		{"ami-01234561", "ami-01234562", "ami-01234562"},
	} {
		c, err := config.FromContext(with(map[string]any{"imageId": tc.image, "fleetImageId": tc.fleet}))
		if err != nil {
			t.Fatal(err)
		}
		if c.FleetImageID != tc.want || c.ImageID != tc.image {
			t.Errorf("got %q, %q, want %q", c.ImageID, c.FleetImageID, tc.want)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := config.FromContext(map[string]any{"stage": "4", "minCapacity": "9", "imageId": "x", "nme": "a", "aws:cdk:x": 1, "@aws-cdk/core:y": true})
	if err == nil {
		t.Fatal("no error")
	}
	if got := len(strings.Split(err.Error(), "\n")); got != 4 {
		t.Errorf("got %d faults, want 4:\n%v", got, err)
	}
}

// repository is where a fresh machine can fetch the app from.
var repository = map[string]any{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0"}

// and is a map with more in it.
func and(one, more map[string]any) map[string]any {
	all := maps.Clone(one)
	maps.Copy(all, more)
	return all
}

func TestWarnings(t *testing.T) {
	image := map[string]any{"imageId": "ami-0123456789abcdef0"}
	network := map[string]any{"vpcId": "vpc-01234567", "availabilityZones": "ap-south-1a,ap-south-1b", "publicSubnetIds": "subnet-01234561,subnet-01234562"}
	bySSH := map[string]any{"gitRepository": "git@example.com:kora/backend.git", "gitRef": "v1.0.0"}
	cases := []struct {
		code           string
		on             string
		raises, silent map[string]any // one change apart
	}{
		{"t2-zone", "", map[string]any{"availabilityZones": "ap-south-1a,ap-south-1c"}, map[string]any{"availabilityZones": "ap-south-1a,ap-south-1b"}},
		{"types-of-region", "", and(network, map[string]any{"region": "eu-north-1", "availabilityZones": "eu-north-1a,eu-north-1b"}), network},
		{"next-move-shrinks", "", map[string]any{"stage": "vertical"}, map[string]any{"stage": "vertical", "keepServer": "vertical"}},
		{"new-vpc", "", nil, network},
		{"empty-fleet", "Fleet", nil, map[string]any{"fleetImageId": "ami-01234561"}},
		{"empty-fleet", "Fleet", map[string]any{}, repository},
		{"empty-server", "Server", map[string]any{"stage": "single"}, and(image, map[string]any{"stage": "single"})},
		{"empty-server", "Server", map[string]any{"fleetImageId": "ami-01234561"}, map[string]any{"keepServer": "none", "fleetImageId": "ami-01234561"}},
		{"image-not-pinned", "", repository, image},
		{"image-not-pinned", "", map[string]any{"fleetImageId": "ami-01234561"}, map[string]any{"fleetImageId": "ami-01234561", "keepServer": "none"}},
		{"repository-out-of-reach", "Server", bySSH, map[string]any{"gitRepository": "https://example.com:8443/kora@v1.git", "gitRef": "v1.0.0"}},
		{"repository-out-of-reach", "Fleet", map[string]any{"gitRepository": "host:backend.git", "gitRef": "v1.0.0"}, and(bySSH, image)},
		{"repository-out-of-reach", "Server", map[string]any{"gitRepository": "/srv/backend.git", "gitRef": "v1.0.0"}, repository},
		{"repository-out-of-reach", "Server", map[string]any{"gitRepository": "ssh://git@example.com/k.git", "gitRef": "v1.0.0"}, repository},
		{"repository-of-image", "Server", and(bySSH, image), bySSH},
		{"repository-in-clear", "", map[string]any{"gitRepository": "http://example.com/k.git", "gitRef": "v1.0.0"}, repository},
		{"repository-in-clear", "", map[string]any{"gitRepository": "git://example.com/k.git", "gitRef": "v1.0.0"}, repository},
		{"moving-revision", "", and(image, map[string]any{"gitRef": "main"}), and(image, map[string]any{"gitRef": "4f0c1d2"})},
		{"address-not-adopted", "", and(image, map[string]any{"elasticIpAddress": "13.233.176.103"}),
			and(image, map[string]any{"elasticIpAddress": "13.233.176.103", "elasticIpAllocationId": "eipalloc-0123456789abcdef0"})},
		{"unprotected", "", nil, map[string]any{"terminationProtection": true}},
		{"no-spare-node", "Fleet", map[string]any{"maxCapacity": 2.0}, nil},
		{"one-node", "Fleet", map[string]any{"minCapacity": 1.0}, nil},
		{"build-on-nodes", "Fleet", and(repository, map[string]any{"buildCommand": "npm run build"}),
			and(repository, map[string]any{"buildCommand": "npm run build", "imageId": "ami-01234561"})},
		{"slow-nodes", "Fleet", repository, and(repository, map[string]any{"imageId": "ami-01234561"})},
		{"low-port", "Server", and(repository, map[string]any{"port": 443.0}), map[string]any{"port": 443.0}},
		{"low-port", "Fleet", and(repository, map[string]any{"port": 443.0}), and(repository, map[string]any{"port": 443.0, "fleetImageId": "ami-01234561"})},
		{"low-port-of-image", "Fleet", and(repository, map[string]any{"port": 443.0, "fleetImageId": "ami-01234561"}), and(repository, map[string]any{"port": 443.0})},
		{"no-certificate", "", and(repository, map[string]any{"domainName": "server.example.com", "publicPorts": "80,8443"}),
			and(repository, map[string]any{"domainName": "server.example.com", "publicPorts": "443,80,8443"})},
		{"no-tls", "", nil, map[string]any{"domainName": "server.example.com"}},
		{"certificate-waits", "Certificate", map[string]any{"domainName": "server.example.com"}, map[string]any{"domainName": "server.example.com", "hostedZoneId": "Z0123456789"}},
		{"without-effect", "", map[string]any{"targetCpuPercent": 60.0}, map[string]any{"targetCpuPercent": 60.0, "scalingPolicy": "targetTracking"}},
		{"without-effect", "", map[string]any{"databasePort": 5433.0}, and(network, map[string]any{"databasePort": 5433.0, "databaseSecurityGroupId": "sg-01234567"})},
		{"without-effect", "", map[string]any{"databasePort": 5433.0}, map[string]any{"databasePort": 5432.0}}, // the default means nothing
		{"waiting-keys", "", map[string]any{"stage": "single", "maxCapacity": 7.0}, map[string]any{"maxCapacity": 7.0, "keepServer": "none"}},
	}
	found := func(t *testing.T, changes map[string]any, code, on string) *finding.Finding {
		c, err := config.FromContext(with(changes))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range c.Warnings() {
			if strings.Contains(w.Reason+w.Remedy, "\n") || strings.Contains(w.Remedy, ": ") || w.Reason == "" || w.Remedy == "" {
				t.Errorf("%s is to be one line, whose remedy is behind the last colon: %q, %q", w.Code, w.Reason, w.Remedy)
			}
			if w.Code == code && w.Subject == on {
				return &w
			}
		}
		return nil
	}
	raised := map[string]bool{}
	for _, tc := range cases {
		t.Run(tc.code, func(t *testing.T) {
			raised[tc.code] = true
			if found(t, tc.raises, tc.code, tc.on) == nil {
				t.Errorf("%v raises none on %q", tc.raises, tc.on)
			}
			if got := found(t, tc.silent, tc.code, tc.on); got != nil {
				t.Errorf("%v raises %+v", tc.silent, got)
			}
		})
	}
	for _, kind := range config.WarningKinds() {
		if !raised[kind.Code] {
			t.Errorf("no case raises %s", kind.Code)
		}
	}
}

// A name is called a branch only where nothing tells that it is a commit or a tag.
func TestMovingRevision(t *testing.T) {
	for ref, want := range map[string]bool{
		"main": true, "refs/heads/v1": true, "origin/HEAD": true, "feature/login-2": true, "stable": true, "latest": true,
		"4f0c1d2": false, "v2": false, "v1.2.3": false, "2026-11-24": false, "release-7": false, "release/1.2": false, "20": false,
		"refs/tags/stable": false, "build45": false, "0123456789abcdef0123456789abcdef01234567": false,
	} {
		c, err := config.FromContext(with(and(repository, map[string]any{"gitRef": ref})))
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(c.Warnings(), func(w finding.Finding) bool { return w.Code == "moving-revision" })
		if got != want {
			t.Errorf("gitRef=%s is called a branch: %v, want %v", ref, got, want)
		}
	}
}

// A server's certificate needs both ports, a proxy, a name, and a server.
func TestNoCertificate(t *testing.T) {
	for _, tc := range []struct {
		name    string
		changes map[string]any
		ends    string // of the warning; "" for none
	}{
		{"no 80", map[string]any{"publicPorts": "443"}, ": add 80"},
		{"neither", map[string]any{"publicPorts": "8080,8443"}, ": add 80,443"},
		{"no repository, no proxy", map[string]any{"publicPorts": "443", "gitRepository": "", "gitRef": ""}, ""},
		{"no name", map[string]any{"publicPorts": "443", "domainName": ""}, ""},
		{"no server", map[string]any{"publicPorts": "443", "keepServer": "none", "keepElasticIp": false, "dnsTarget": "balancer", "fleetTrafficPercent": 100.0}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			all := with(map[string]any{"gitRepository": "https://example.com/k.git", "gitRef": "v1.0.0", "domainName": "server.example.com"})
			maps.Copy(all, tc.changes)
			c, err := config.FromContext(all)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, w := range c.Warnings() {
				if w.Code == "no-certificate" {
					got = w.Reason + ": " + w.Remedy
				}
			}
			if (got == "") != (tc.ends == "") || !strings.HasSuffix(got, tc.ends) {
				t.Errorf("got %q, want it to end in %q", got, tc.ends)
			}
		})
	}
}

// The warnings about the fleet are not for someone who has none.
func TestNoFleetWarningsBeforeTheFleet(t *testing.T) {
	c, err := config.FromContext(map[string]any{"minCapacity": "1", "maxCapacity": "1", "imageId": "ami-0123456789abcdef0"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Warnings() {
		got = append(got, w.Code)
	}
	if diff := cmp.Diff(got, []string{"new-vpc", "unprotected", "waiting-keys"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// The table of keys in docs/context.md is the code's.
func TestReadmeTable(t *testing.T) {
	golden.Section(t, "../../docs/context.md", "<!-- keys: go test ./internal/config -update -->", "<!-- end of keys -->", "\n"+config.MarkdownTable()+"\n")
}
