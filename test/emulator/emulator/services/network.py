"""VPCs and what is in them."""

from ..resources import Native

TYPES = (
    Native("AWS::EC2::VPC", ("CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "Tags.*"), ("CidrBlock",)),
    Native("AWS::EC2::InternetGateway", ("Tags.*",)),
    Native("AWS::EC2::VPCGatewayAttachment", ("VpcId", "InternetGatewayId"), ("VpcId", "InternetGatewayId")),
    Native("AWS::EC2::Subnet", ("VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch", "Tags.*"), ("VpcId", "CidrBlock", "AvailabilityZone")),
    Native("AWS::EC2::RouteTable", ("VpcId", "Tags.*"), ("VpcId",)),
    Native("AWS::EC2::Route", ("RouteTableId", "DestinationCidrBlock", "GatewayId"), ("RouteTableId", "DestinationCidrBlock")),
    Native("AWS::EC2::SubnetRouteTableAssociation", ("SubnetId", "RouteTableId"), ("SubnetId",)),
    Native("AWS::EC2::SecurityGroup", ("GroupDescription", "VpcId", "SecurityGroupIngress.*", "SecurityGroupEgress.*", "Tags.*"),
           ("GroupDescription", "GroupName", "VpcId")),
)
