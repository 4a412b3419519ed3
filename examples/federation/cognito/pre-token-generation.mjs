/**
 * A pre token generation trigger (V2_0) of a Cognito user pool. The attributes must be read-only for the app client:
 * what an app client may write, a person who has signed in may change.
 */
export const handler = async (event) => {
  const { email, email_verified: isVerified, ...attributes } = event.request.userAttributes;
  const { 'custom:team': team, 'custom:cost_center': costCenter } = attributes;
  if (!team || !costCenter || isVerified !== 'true') return event;
  event.response = {
    claimsAndScopeOverrideDetails: {
      idTokenGeneration: {
        claimsToAddOrOverride: {
          'https://aws.amazon.com/tags/principal_tags/team': team,
          'https://aws.amazon.com/tags/principal_tags/cost-center': costCenter,
          'https://aws.amazon.com/tags/transitive_tag_keys': ['team', 'cost-center'],
          'https://aws.amazon.com/source_identity': email,
        },
      },
    },
  };
  return event;
};
