/** One customer: who they are on the left, what happened and why on the right. */
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { useCustomer } from "@/api/queries";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { Failed, Loading } from "@/ui/states";
import { EnterJourney } from "./EnterJourney";
import { EraseCustomer } from "./EraseCustomer";
import { Profile } from "./Profile";
import { Timeline } from "./Timeline";
import { Why } from "./Why";
import "./customers.css";

export default function CustomerPage() {
  const { t } = useTranslation("customers");
  const { id = "" } = useParams();
  const may = useMay();
  const customer = useCustomer(id);
  const label = customer.data?.label || id.slice(0, 8);
  return (
    <Page
      title={label}
      back={{ to: "/customers", label: t("title") }}
      actions={
        customer.data && (
          <>
            {may("edit") && <EnterJourney customer={customer.data} />}
            {may("administer") && <EraseCustomer id={id} label={label} />}
          </>
        )
      }
    >
      {customer.isPending && <Loading />}
      {customer.isError && !customer.data && <Failed error={customer.error} retry={() => void customer.refetch()} />}
      {customer.data && (
        <div className="customer">
          <Profile customer={customer.data} />
          <div className="customer-story">
            <Why customerId={id} />
            <Timeline customerId={id} keptSince={customer.data.kept_since} />
          </div>
        </div>
      )}
    </Page>
  );
}
