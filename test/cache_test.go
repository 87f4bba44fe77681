package test

import "testing"

// The sessions of a fleet with sessions=redis, and of nothing else: the smallest node, pinned, encrypted at rest and, for
// clients that can, in transit: the guide's own speaks no TLS.
func TestCache(t *testing.T) {
	expectEach(t, []property{
		{"in full", fleet(nil), "Cache", `{"ReplicationGroupDescription": "Session cache", "Engine": "valkey", "EngineVersion": "8.0",
			"CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 1, "AutomaticFailoverEnabled": false,
			"AtRestEncryptionEnabled": true, "TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred",
			"CacheSubnetGroupName": "<CacheSubnetGroup>", "SecurityGroupIds": ["<CacheSecurityGroup.GroupId>"]}`},
		{"in the fleet's subnets", fleet(nil), "CacheSubnetGroup", `{"Description": "Session cache", "SubnetIds": ["<NetworkSubnet1>", "<NetworkSubnet2>"]}`},
		{"with sticky sessions", fleet(context{"sessions": "sticky"}), "Cache", ""},
		{"with sticky sessions, no group", fleet(context{"sessions": "sticky"}), "CacheSecurityGroup", ""},
		{"without sessions", fleet(context{"sessions": "none"}), "Cache", ""},
		{"in single", kora, "Cache", ""},
		{"from the first row on", kora.and(rows("single")[0].changes), "Cache/Engine", `"valkey"`},
	})
}
