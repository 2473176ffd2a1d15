/** One pool: what is left, where it is used, and putting more codes into it. */
import Button from "antd/es/button";
import Drawer from "antd/es/drawer";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CouponPool } from "@/api/coupons";
import { useFormat } from "@/app/format";
import { useMay } from "@/app/may";
import { AddCodes } from "./AddCodes";
import { Left } from "./CouponsPage";
import { PoolForm } from "./PoolForm";

export function PoolDrawer({ pool, close }: { pool: CouponPool | undefined; close: () => void }) {
  const { t } = useTranslation("coupons");
  const may = useMay();
  const [changing, setChanging] = useState(false);
  return (
    <Drawer
      open={Boolean(pool)}
      size={460}
      title={pool?.name}
      onClose={close}
      destroyOnHidden
      extra={pool && may("edit") && <Button onClick={() => setChanging(true)}>{t("change")}</Button>}
    >
      {pool && (
        <div className="pool">
          <Left pool={pool} />
          <Facts pool={pool} />
          {may("edit") && <AddCodes key={pool.id} pool={pool} />}
          <PoolForm open={changing} pool={pool} close={() => setChanging(false)} />
        </div>
      )}
    </Drawer>
  );
}

function Facts({ pool }: { pool: CouponPool }) {
  const { t } = useTranslation("coupons");
  const { number, dateTime } = useFormat();
  return (
    <dl className="pool-facts">
      <dt>{t("granted")}</dt>
      <dd>{number(pool.granted)}</dd>
      <dt>{t("expires")}</dt>
      <dd>{pool.expires_at ? dateTime(pool.expires_at) : t("noEnd")}</dd>
      <dt>{t("usedBy")}</dt>
      <dd>
        {pool.used_by.length === 0 && t("unused")}
        {pool.used_by.map((one) => (
          <Link key={one.journey_id} to={`/journeys/${one.journey_id}`}>
            {one.name}
          </Link>
        ))}
      </dd>
    </dl>
  );
}
