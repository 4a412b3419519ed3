/**
 * A Post-Login Action of Auth0. It reads app_metadata, which people cannot change; user_metadata they can.
 * A person without a team gets no tags, and a role that requires the tag refuses the token.
 */
exports.onExecutePostLogin = async (event, api) => {
  const { team, cost_center: costCenter } = event.user.app_metadata ?? {};
  if (!team || !costCenter || !event.user.email_verified) return;
  api.idToken.setCustomClaim('https://aws.amazon.com/tags', {
    principal_tags: { team: [team], 'cost-center': [costCenter] },
    transitive_tag_keys: ['team', 'cost-center'],
  });
  api.idToken.setCustomClaim('https://aws.amazon.com/source_identity', event.user.email);
};
