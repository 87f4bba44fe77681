package check

// The codes that are named elsewhere.
const credentials = "credentials"

// more is how a quota is raised; the codes stand beside what was found.
const more = "ask AWS for more, by the code that is named: aws service-quotas request-service-quota-increase"

// Kinds are all checks, in the order in which they are shown.
func Kinds() []Kind {
	return []Kind{
		{credentials, "who deploys is known, and is not the account's root user",
			"aws sso login, or AWS_PROFILE; for daily work make a role: nothing can guard the root user", anAccount, caller},
		{"stack-state", "the stack is in a state that can be deployed to", "kora status tells what the state means and the one next command", anAccount, stackState},
		{"template-size", "the template is short enough to be sent, with 500 characters to spare, and its parameters too", "turn something off, or bootstrap the account and say bootstrapped=true", nothing, size},
		{"rights", "who deploys may do what the deploy asks for", "attach the documents of docs/permissions.md", anAccount, rights},
		{"change-set", "CloudFormation makes a change set of the template, and its early validation finds nothing",
			"correct what it names; what is left of the change set itself the next check removes", aChangeSet, changeSet},
		{"foreseen", "CloudFormation replaces and removes nothing but what the templates say",
			"kora diff deployed STAGE shows what was foreseen, cdk diff what CloudFormation says", aChangeSet, foreseen},
		{"drift", "what the deploy changes, replaces or removes is as the deployed template says",
			"set it back by hand, or put what it is now into cdk.json: the deploy undoes it, or fails over it", aDetection, drift},
		{"names-free", "no resource that is made has a name that somebody else's has, and none is made anew under its own",
			"delete or rename it, or choose another name: highCpuAlarmName, lowHealthyHostsAlarmName, name", anAccount, names},
		{"image", "the images are there, nobody else can take them away, and the machines can start of them", "correct imageId or fleetImageId; an image of the server: kora bake", anAccount, images},
		{"key-pair", "the key pair exists", "aws ec2 import-key-pair, or another keyPairName", anAccount, keyPair},
		{"type-offered", "the zones offer the instance type", "another type, or other availabilityZones", anAccount, offers},
		{"vcpu-quota", "the account may run the vCPUs that the stage needs at its maximum, beside what else runs", "a smaller maxCapacity or type, or " + more, anAccount, vcpus},
		{"address-quota", "the account may have one more Elastic IP where one is made", "release one that nobody holds, or " + more, anAccount, within(addressQuotas)},
		{"network-quota", "the region may have one more VPC and internet gateway where the stack makes its own", "vpcId of one that there is, or " + more, anAccount, within(networkQuotas)},
		{"group-quota", "the region may have the security groups, a machine may be in so many, and each may have its rules",
			"fewer additionalSecurityGroupIds or publicPorts, or " + more, anAccount, within(groupQuotas)},
		{"balancer-quota", "the region may have one more load balancer, and its target groups", "delete what nobody uses, or " + more, anAccount, within(balancerQuotas)},
		{"fleet-quota", "the region may have one more Auto Scaling group", "delete what nobody uses, or " + more, anAccount, within(fleetQuotas)},
		{"subnets", "the subnets are public, in different zones, give public addresses, and have room",
			"other publicSubnetIds; a route 0.0.0.0/0 to the internet gateway; aws ec2 modify-subnet-attribute --map-public-ip-on-launch", anAccount, subnets},
		{"zone", "the record's zone is public, there is one of its name, and the world asks it",
			"hostedZoneId names one of several; the registrar's name servers must be those of the zone", anAccount, zone},
		{"record", "the record leads to the stack, and resolvers forget it soon enough",
			"lower its TTL to 60 now, and wait as long as it was before you move; one that somebody made: keep it by hand, with neither hostedZoneName nor hostedZoneId", anAccount, record},
		{"certificate", "the certificate is issued, covers the domain, and does not end soon", "aws acm request-certificate in the region of the stack, and its record; certificateArn", anAccount, certificate},
		{"health", "the app answers the health check now", "look at the app before you move: kora status, and docs/machine.md", nothing, healthNow},
		{"database", "the database's group is in the VPC of the backend", "databaseSecurityGroupId of a group in that VPC, or peering by hand", anAccount, database},
		{"parameters", "the parameters that the machines read are there, and secrets are encrypted", "aws ssm put-parameter --type SecureString --name <name> --value <value>; before it, of a String: aws ssm delete-parameter --name <name>", anAccount, parameters},
		{"agent", "Systems Manager reaches the server", "wait up to 30 minutes after its role came, or on the server: sudo snap restart amazon-ssm-agent", anAccount, agent},
		{"room-on-server", "disk and memory of the server have room", "clear the disk, or grow it; docs/alarms.md", anAccount, room},
		{"clock", "the clock of the server is right", "on the server: sudo timedatectl set-ntp true; timedatectl timesync-status tells whom it asks", anAccount, clock},
		{"backup", "an image of the server, or a snapshot of each of its disks, is younger than a day", "kora bake, or kora bake --snapshot-only", anAccount, backup},
		{"service-role", "Auto Scaling has its service-linked role", "aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com", anAccount, serviceRole},
		{"alarms-heard", "somebody has confirmed to hear of alarms, and alarmEmail too where it was asked", "click the link in AWS's mail of the first deploy; or set alarmEmail", anAccount, heard},
		{"budget", "the account has a budget of costs with an alert", "aws budgets create-budget, with --notifications-with-subscribers; two budgets are free", anAccount, budget},
	}
}
